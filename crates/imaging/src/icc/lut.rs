//! Tables of many channels in a profile: how many bytes belong to them.

use std::borrow::Cow;
use std::ops::Range;

use super::tags::{curve_size, without};
use super::{u16_at, u32_at};

/// More channels than any kind of profile has.
const MOST_CHANNELS: usize = 15;

/// The table alone; `None` when it is broken.
pub fn cut(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    match data.first_chunk::<4>()? {
        b"mft1" => data
            .get(..old_size(data, 48, 256, 256, 1)?)
            .map(|table| without(table, 11..12)),
        b"mft2" => {
            let (input, output) = (
                usize::from(u16_at(data, 48)?),
                usize::from(u16_at(data, 50)?),
            );
            data.get(..old_size(data, 52, input, output, 2)?)
                .map(|table| without(table, 11..12))
        }
        b"mAB " => parts(data, true),
        b"mBA " => parts(data, false),
        _ => None,
    }
}

fn channels(data: &[u8]) -> Option<(usize, usize)> {
    let [input, output] = [8, 9].map(|at| data.get(at).map(|count| usize::from(*count)));
    let is_possible = |count: &usize| (1..=MOST_CHANNELS).contains(count);
    Some((input.filter(is_possible)?, output.filter(is_possible)?))
}

/// Of a table of 8 or 16 bits: a head, a curve for each channel on both sides, a grid between them.
fn old_size(
    data: &[u8],
    head: usize,
    input_entries: usize,
    output_entries: usize,
    bytes: usize,
) -> Option<usize> {
    let (input, output) = channels(data)?;
    let grid = usize::from(*data.get(10)?)
        .checked_pow(u32::try_from(input).ok()?)?
        .checked_mul(output)?;
    let entries = (input * input_entries)
        .checked_add(output * output_entries)?
        .checked_add(grid)?;
    entries.checked_mul(bytes)?.checked_add(head)
}

/// Of a table made of parts, each where an offset says; what is between them is cleared.
fn parts(data: &[u8], is_to_pcs: bool) -> Option<Cow<'_, [u8]>> {
    let (input, output) = channels(data)?;
    let place = |at: usize| u32_at(data, at).and_then(|offset| usize::try_from(offset).ok());
    let (near, far) = if is_to_pcs {
        (output, input)
    } else {
        (input, output)
    };
    let mut claimed = vec![0..10, 12..32];
    for (at, count) in [(12, near), (20, near), (28, far)] {
        curves(data, place(at)?, count, &mut claimed)?;
    }
    if let Some(matrix) = Some(place(16)?).filter(|matrix| *matrix > 0) {
        claimed.push(matrix..matrix.checked_add(48)?);
    }
    if let Some(start) = Some(place(24)?).filter(|start| *start > 0) {
        let head = data.get(start..start.checked_add(20)?)?;
        let points = head
            .iter()
            .take(input)
            .try_fold(1_usize, |all, points| all.checked_mul(usize::from(*points)))?;
        let width = usize::from(*head.get(16)?);
        let size = points
            .checked_mul(output)?
            .checked_mul(width)
            .filter(|_| matches!(width, 1 | 2))?;
        claimed.extend([
            start..start + input,
            start + 16..start + 17,
            start + 20..(start + 20).checked_add(size)?,
        ]);
    }
    let size = claimed.iter().map(|range| range.end).max()?;
    only(data, size, &claimed)
}

/// As many curves, each beginning at a multiple of four from the first one.
fn curves(data: &[u8], start: usize, count: usize, claimed: &mut Vec<Range<usize>>) -> Option<()> {
    if start == 0 {
        return Some(());
    }
    let mut at = start;
    for _ in 0..count {
        let size = curve_size(data.get(at..)?)?;
        claimed.push(at..at + 4);
        claimed.push(if data.get(at..)?.starts_with(b"para") {
            at + 8..at + 10
        } else {
            at + 8..at + 12
        });
        claimed.push(at + 12..at.checked_add(size)?);
        at = at.checked_add(size.next_multiple_of(4))?;
    }
    Some(())
}

/// This many bytes, with all but these ranges cleared; `None` if one reaches beyond them.
pub fn only<'a>(data: &'a [u8], size: usize, claimed: &[Range<usize>]) -> Option<Cow<'a, [u8]>> {
    let data = data.get(..size)?;
    let mut out = vec![0; data.len()];
    for range in claimed {
        out.get_mut(range.clone())?
            .copy_from_slice(data.get(range.clone())?);
    }
    Some(if data == out {
        Cow::Borrowed(data)
    } else {
        Cow::Owned(out)
    })
}
