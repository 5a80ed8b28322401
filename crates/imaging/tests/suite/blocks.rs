//! JPEG files of flat blocks, with samples laid out in any way: what encoders at hand don't write.

use crate::pictures::segment;

/// Sides that blocks of all samplings below fill.
pub const ACROSS: u16 = 192;
pub const DOWN: u16 = 96;

/// How samples are laid out.
#[derive(Clone)]
pub struct Layout<'a> {
    /// Across and down, of each component.
    pub sampling: &'a [(u8, u8)],
    /// All components in one scan.
    pub is_interleaved: bool,
    /// Segments before the header.
    pub before: Vec<Vec<u8>>,
}

/// Left and right half, each of one value of each component.
pub fn halves(layout: &Layout<'_>, left: &[u8], right: &[u8]) -> Vec<u8> {
    columns(layout, &[left, right])
}

/// Columns of the same width, each of one value of each component.
pub fn columns(layout: &Layout<'_>, values: &[&[u8]]) -> Vec<u8> {
    let count = u8::try_from(layout.sampling.len()).unwrap();
    let components: Vec<u8> = layout
        .sampling
        .iter()
        .zip(1..)
        .flat_map(|((across, down), name)| [name, across << 4 | down, 0])
        .collect();
    let frame = [
        &[8],
        &DOWN.to_be_bytes()[..],
        &ACROSS.to_be_bytes(),
        &[count],
        &components,
    ]
    .concat();
    // A number of up to 11 bits follows a code of 4, which says how many; behind it, one bit says that the rest of the block is 0.
    let sizes = [
        &[0x00, 0, 0, 0, 12][..],
        &[0; 12],
        &(0..12).collect::<Vec<u8>>(),
    ]
    .concat();
    let ends = [&[0x10, 1][..], &[0; 15], &[0]].concat();
    let tables = [
        segment(0xdb, &[&[0][..], &[8; 64]].concat()),
        segment(0xc4, &sizes),
        segment(0xc4, &ends),
    ]
    .concat();
    let all: Vec<usize> = (0..layout.sampling.len()).collect();
    let scans: Vec<_> = if layout.is_interleaved {
        vec![all]
    } else {
        all.into_iter().map(|one| vec![one]).collect()
    };
    let scans: Vec<_> = scans
        .iter()
        .map(|components| scan(layout, components, values))
        .collect();
    [
        b"\xff\xd8",
        &layout.before.concat()[..],
        &segment(0xc0, &frame),
        &tables,
        &scans.concat(),
        b"\xff\xd9",
    ]
    .concat()
}

fn scan(layout: &Layout<'_>, components: &[usize], values: &[&[u8]]) -> Vec<u8> {
    let names: Vec<u8> = components
        .iter()
        .flat_map(|at| [u8::try_from(at + 1).unwrap(), 0])
        .collect();
    let head = segment(
        0xda,
        &[
            &[u8::try_from(components.len()).unwrap()],
            &names[..],
            &[0, 63, 0],
        ]
        .concat(),
    );
    let mut bits = Bits::default();
    let mut before = vec![0; layout.sampling.len()];
    for (component, x) in order(layout, components) {
        let value = i16::from(values[x * values.len() / usize::from(ACROSS)][component]) - 128;
        bits.put_block(value - before[component]);
        before[component] = value;
    }
    [head, bits.finish()].concat()
}

/// The component of each block in a scan, and where its left side is.
fn order(layout: &Layout<'_>, components: &[usize]) -> Vec<(usize, usize)> {
    let most = |of: fn(&(u8, u8)) -> u8| usize::from(layout.sampling.iter().map(of).max().unwrap());
    let (across, down) = (most(|sampling| sampling.0), most(|sampling| sampling.1));
    let sampling = |component: usize| {
        (
            usize::from(layout.sampling[component].0),
            usize::from(layout.sampling[component].1),
        )
    };
    let (width, height) = (usize::from(ACROSS), usize::from(DOWN));
    if let [one] = components {
        let (columns, rows) = (
            (width * sampling(*one).0).div_ceil(8 * across),
            (height * sampling(*one).1).div_ceil(8 * down),
        );
        return (0..rows * columns)
            .map(|block| (*one, block % columns * 8 * across / sampling(*one).0))
            .collect();
    }
    let (columns, rows) = (width.div_ceil(8 * across), height.div_ceil(8 * down));
    let unit = |x: usize| {
        components.iter().flat_map(move |component| {
            let (h, v) = sampling(*component);
            (0..h * v).map(move |block| (*component, (x * h + block % h) * 8 * across / h))
        })
    };
    (0..rows * columns)
        .flat_map(|at| unit(at % columns))
        .collect()
}

/// The highest bit of each byte first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u16, count: u32) {
        self.0
            .extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn put_block(&mut self, difference: i16) {
        let size = i16::BITS - difference.unsigned_abs().leading_zeros();
        self.put(u16::try_from(size).unwrap(), 4);
        let number = if difference < 0 {
            difference - 1
        } else {
            difference
        };
        self.put(number.cast_unsigned(), size);
        self.put(0, 1);
    }

    fn finish(self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            (0..8).fold(0_u8, |byte, at| {
                byte << 1 | u8::from(*bits.get(at).unwrap_or(&true))
            })
        };
        self.0
            .chunks(8)
            .map(byte)
            .flat_map(|byte| {
                if byte == 0xff {
                    vec![0xff, 0]
                } else {
                    vec![byte]
                }
            })
            .collect()
    }
}
