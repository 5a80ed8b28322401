//! Justified rows, grouped by day: pure arithmetic. Lengths are CSS pixels. Days with few pictures share a row.

use std::ops::Range;

/// What the layout needs to know of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Width over height.
    pub ratio: f64,
    /// Its day, any number that is the same for images of one day.
    pub day: i64,
}

/// The measures of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    pub width: f64,
    /// The desired height of rows.
    pub row: f64,
    pub gap: f64,
    /// The height of a day's heading.
    pub heading: f64,
    /// The space between two days.
    pub between: f64,
    /// The space between two days that share a row.
    pub beside: f64,
    /// The least width of a day: its heading has to be read.
    pub least: f64,
}

/// The position of an image within its day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// The position of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    pub date: i64,
    /// Its images, as positions in the list.
    pub items: Range<usize>,
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// The whole grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub days: Vec<Day>,
    /// One for each item, in the same order.
    pub places: Vec<Place>,
    pub height: f64,
}

/// Very wide and very tall pictures are cropped to these ratios, so that no row gets out of hand.
const RATIOS: (f64, f64) = (0.5, 3.2);
/// A row that is not full is stretched by this at most, to fill the width.
const STRETCHED: f64 = 1.25;

/// A row is at least so high, as a part of the desired height, where days share it.
const SHARED: f64 = 0.82;

/// Lays out items, sorted so that each day is contiguous.
pub fn justify(items: &[Item], measures: &Measures) -> Layout {
    let mut layout = Layout {
        places: Vec::with_capacity(items.len()),
        ..Layout::default()
    };
    let days: Vec<&[Item]> = items.chunk_by(|a, b| a.day == b.day).collect();
    let mut rest = days.as_slice();
    while !rest.is_empty() {
        if !layout.places.is_empty() {
            layout.height += measures.between;
        }
        let (count, row) = shared_row(rest, measures);
        let (together, tail) = rest.split_at(count);
        match row {
            Some(row) => layout.add_beside(together, row, measures),
            None => layout.add_day(together[0], measures),
        }
        rest = tail;
    }
    layout
}

/// How many of the next days share one row, and its height. `None`: the first day has rows of its own.
fn shared_row(days: &[&[Item]], measures: &Measures) -> (usize, Option<f64>) {
    let mut found = (1, None);
    let (mut sum, mut gaps) = (0.0, -measures.beside);
    for (index, day) in days.iter().enumerate() {
        let ratios: f64 = ratios(day).iter().sum();
        let narrow = ratios * measures.row < measures.least;
        // A day that is narrower than its heading takes up as much as that.
        sum += if narrow {
            measures.least / measures.row
        } else {
            ratios
        };
        gaps += measures.beside + measures.gap * count(day.len() - 1);
        let height = (measures.width - gaps) / sum;
        if height < measures.row * SHARED {
            break;
        }
        if index > 0 {
            found = (index + 1, Some(height.min(measures.row * STRETCHED)));
        }
    }
    found
}

impl Layout {
    /// Adds a day with rows of its own.
    fn add_day(&mut self, day: &[Item], measures: &Measures) {
        let first = self.places.len();
        let height = place_day(day, measures, &mut self.places);
        self.days.push(Day {
            date: day[0].day,
            items: first..self.places.len(),
            left: 0.0,
            top: self.height,
            width: measures.width,
            height,
        });
        self.height += height;
    }

    /// Adds days that share a row of this height.
    fn add_beside(&mut self, days: &[&[Item]], row: f64, measures: &Measures) {
        let height = measures.heading + row;
        let mut left = 0.0;
        for day in days {
            let first = self.places.len();
            place_row(
                &ratios(day),
                measures.heading,
                row,
                measures,
                &mut self.places,
            );
            let end = self
                .places
                .last()
                .map_or(0.0, |last| last.left + last.width);
            let width = end.max(measures.least * row / measures.row);
            self.days.push(Day {
                date: day[0].day,
                items: first..self.places.len(),
                left,
                top: self.height,
                width,
                height,
            });
            left += width + measures.beside;
        }
        self.height += height;
    }
}

fn ratios(items: &[Item]) -> Vec<f64> {
    let clamped = |item: &Item| item.ratio.clamp(RATIOS.0, RATIOS.1);
    items.iter().map(clamped).collect()
}

fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Lays out one day and returns its height.
fn place_day(items: &[Item], measures: &Measures, places: &mut Vec<Place>) -> f64 {
    let ratios = ratios(items);
    let mut top = measures.heading;
    let mut rest = ratios.as_slice();
    for (count, height) in rows(&ratios, measures) {
        let (row, tail) = rest.split_at(count);
        place_row(row, top, height, measures, places);
        top += height + measures.gap;
        rest = tail;
    }
    top - measures.gap
}

/// The rows of one day: how many pictures in each, and its height.
fn rows(ratios: &[f64], measures: &Measures) -> Vec<(usize, f64)> {
    let mut rows = Vec::new();
    let mut rest = ratios;
    while !rest.is_empty() {
        let (count, height) = next_row(rest, measures);
        rows.push((count, height));
        rest = &rest[count..];
    }
    avoid_lone_last_image(&mut rows, ratios, measures);
    rows
}

/// If the last row has one picture, moves the last one of the row above next to it.
fn avoid_lone_last_image(rows: &mut [(usize, f64)], ratios: &[f64], measures: &Measures) {
    if let [.., above, last] = rows
        && last.0 == 1
        && above.0 > 2
    {
        let start = ratios.len() - 1 - above.0;
        let height = full_height(&ratios[start..ratios.len() - 2], measures);
        let fits = full_height(&ratios[ratios.len() - 2..], measures).min(height);
        if height <= measures.row * 1.4 {
            (*above, *last) = ((above.0 - 1, height), (2, fits));
        }
    }
}

/// The height at which these pictures fill the width.
fn full_height(ratios: &[f64], measures: &Measures) -> f64 {
    let gaps = measures.gap * (count(ratios.len()) - 1.0);
    (measures.width - gaps) / ratios.iter().sum::<f64>()
}

/// How many of `ratios` make the next row, and its height.
fn next_row(ratios: &[f64], measures: &Measures) -> (usize, f64) {
    let mut sum = 0.0;
    let mut before = f64::INFINITY;
    let mut gaps = -measures.gap;
    for (index, ratio) in ratios.iter().enumerate() {
        sum += ratio;
        gaps += measures.gap;
        let height = (measures.width - gaps) / sum;
        if height <= measures.row {
            // The row ends with this picture or before it, whichever is closer to the desired height.
            let without = index > 0 && before - measures.row < measures.row - height;
            return if without {
                (index, before)
            } else {
                (index + 1, height)
            };
        }
        before = height;
    }
    // The last row is not stretched, unless it nearly fills the width.
    (
        ratios.len(),
        if before <= measures.row * STRETCHED {
            before
        } else {
            measures.row
        },
    )
}

fn place_row(ratios: &[f64], top: f64, height: f64, measures: &Measures, places: &mut Vec<Place>) {
    let mut left = 0.0;
    for ratio in ratios {
        let width = (ratio * height).min(measures.width);
        places.push(Place {
            left,
            top,
            width,
            height,
        });
        left += width + measures.gap;
    }
}

impl Layout {
    /// The days that overlap the grid from `from` to `to`.
    pub fn days_between(&self, from: f64, to: f64) -> Range<usize> {
        let start = self.days.partition_point(|day| day.top + day.height < from);
        let end = self.days.partition_point(|day| day.top <= to);
        start..end.max(start)
    }

    /// The images of a day that overlap the grid from `from` to `to`.
    pub fn items_between(&self, day: &Day, from: f64, to: f64) -> Range<usize> {
        let places = &self.places[day.items.clone()];
        let start = places.partition_point(|place| day.top + place.top + place.height < from);
        let end = places.partition_point(|place| day.top + place.top <= to);
        day.items.start + start..day.items.start + end.max(start)
    }
}

/// Where an arrow key leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Left,
    Right,
    Up,
    Down,
    First,
    Last,
}

impl Layout {
    /// Where an image is in the whole grid.
    pub fn place(&self, at: usize) -> Option<Place> {
        let day = self.days.iter().find(|day| day.items.contains(&at))?;
        self.places.get(at).map(|place| Place {
            left: day.left + place.left,
            top: day.top + place.top,
            ..*place
        })
    }

    /// The first image that overlaps the grid from `from` to `to`.
    pub fn first_between(&self, from: f64, to: f64) -> Option<usize> {
        let day = self.days.get(self.days_between(from, to).start)?;
        Some(self.items_between(day, from, to).start)
    }

    /// The last image of an image's row.
    pub fn row_end(&self, at: usize) -> usize {
        let top = self.place(at).map(|place| place.top);
        let in_row = |other: &usize| self.place(*other).map(|place| place.top) == top;
        (at..self.places.len())
            .take_while(in_row)
            .last()
            .unwrap_or(at)
    }

    /// Where the heading of an image's day is, and for an image further down the image itself, a heading's height below.
    pub fn day_of(&self, at: usize) -> Option<f64> {
        let day = self.days.iter().find(|day| day.items.contains(&at))?;
        let first = self.places.get(day.items.start)?;
        let place = self.places.get(at)?;
        Some(day.top + place.top - first.top)
    }

    /// The image that an arrow key leads to: above and below it is the one whose middle is nearest. `None`: there is none.
    pub fn step(&self, at: usize, step: Step) -> Option<usize> {
        let last = self.places.len().checked_sub(1)?;
        match step {
            Step::Left => at.checked_sub(1),
            Step::Right => Some(at + 1).filter(|at| *at <= last),
            Step::First => Some(0),
            Step::Last => Some(last),
            Step::Up => self.across((0..at).rev(), at),
            Step::Down => self.across(at + 1..=last, at),
        }
    }

    /// Of the first row among `others` that is not the image's own, the nearest image.
    fn across(&self, others: impl Iterator<Item = usize>, at: usize) -> Option<usize> {
        let own = self.place(at)?;
        let middle = |place: &Place| place.left + place.width / 2.0;
        let mut row = None;
        let mut nearest: Option<(usize, f64)> = None;
        for other in others {
            let place = self.place(other)?;
            if (place.top - own.top).abs() < 0.5 {
                continue;
            }
            if (*row.get_or_insert(place.top) - place.top).abs() > 0.5 {
                break;
            }
            let away = (middle(&place) - middle(&own)).abs();
            if nearest.is_none_or(|(_, least)| away < least) {
                nearest = Some((other, away));
            }
        }
        nearest.map(|(other, _)| other)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const MEASURES: Measures = Measures {
        width: 1000.0,
        row: 200.0,
        gap: 6.0,
        heading: 44.0,
        between: 24.0,
        beside: 24.0,
        least: 150.0,
    };

    fn items(ratios: &[f64], day: i64) -> Vec<Item> {
        ratios.iter().map(|&ratio| Item { ratio, day }).collect()
    }

    #[wasm_bindgen_test]
    fn full_rows_end_at_the_right_edge_and_keep_proportions() {
        let ratios = [1.5, 0.7, 1.0, 1.8, 1.3, 0.6, 2.0, 1.1, 1.5, 1.5, 0.9];
        let layout = justify(&items(&ratios, 1), &MEASURES);
        let rows: Vec<&[Place]> = layout
            .places
            .chunk_by(|a, b| (a.top - b.top).abs() < 0.1)
            .collect();
        assert!(rows.len() >= 2);
        for row in &rows[..rows.len() - 1] {
            let end = row.last().map_or(0.0, |place| place.left + place.width);
            assert!((end - 1000.0).abs() < 0.01, "{end}");
            assert!((120.0..300.0).contains(&row[0].height), "{}", row[0].height);
        }
        for (place, ratio) in layout.places.iter().zip(ratios) {
            assert!((place.width / place.height - ratio).abs() < 0.001);
        }
    }

    #[wasm_bindgen_test]
    fn a_short_last_row_keeps_the_wished_height() {
        let layout = justify(&items(&[1.5], 1), &MEASURES);
        assert_eq!(
            layout.places,
            [Place {
                left: 0.0,
                top: 44.0,
                width: 300.0,
                height: 200.0
            }]
        );
    }

    #[wasm_bindgen_test]
    fn no_picture_stands_alone_below_a_full_row() {
        let layout = justify(&items(&[1.5; 5], 1), &MEASURES);
        let mut tops: Vec<f64> = layout.places.iter().map(|place| place.top).collect();
        tops.dedup();
        let in_row = |top: f64| {
            layout
                .places
                .iter()
                .filter(|place| (place.top - top).abs() < 0.01)
                .count()
        };
        assert_eq!(tops.into_iter().map(in_row).collect::<Vec<_>>(), [3, 2]);
        assert!((layout.places[2].left + layout.places[2].width - 1000.0).abs() < 0.01);
    }

    #[wasm_bindgen_test]
    fn days_follow_each_other_without_overlap() {
        let mut all = items(&[1.0; 12], 2);
        all.extend(items(&[0.01, 100.0, 1.0], 1));
        let layout = justify(&all, &MEASURES);
        assert_eq!(
            layout
                .days
                .iter()
                .map(|day| day.items.clone())
                .collect::<Vec<_>>(),
            [0..12, 12..15]
        );
        assert!((layout.days[1].top - layout.days[0].height - 24.0).abs() < 0.001);
        assert!(
            layout
                .places
                .iter()
                .all(|place| place.width <= 1000.01 && place.width > 0.0)
        );
    }

    #[wasm_bindgen_test]
    fn days_with_few_pictures_share_a_row_and_others_have_their_own() {
        let mut all = items(&[1.5], 9);
        all.extend(items(&[0.6], 8));
        all.extend(items(&[1.0, 1.0], 7));
        all.extend(items(&[1.0; 12], 6));
        all.extend(items(&[1.5], 5));
        let layout = justify(&all, &MEASURES);
        let tops: Vec<_> = layout.days.iter().map(|day| day.top).collect();
        assert_eq!((tops[0], tops[1], tops[2]), (0.0, 0.0, 0.0));
        assert!(tops[3] > 0.0 && tops[4] > tops[3]);
        for pair in layout.days[..3].windows(2) {
            assert!((pair[1].left - pair[0].left - pair[0].width - 24.0).abs() < 0.01);
        }
        // The portrait is narrower than its day's heading.
        assert!(layout.days[1].width > layout.places[1].width + 20.0);
        let last = &layout.days[2];
        assert!(last.left + last.width <= 1000.01, "{last:?}");
        let heights: Vec<_> = layout.places[..4]
            .iter()
            .map(|place| place.height)
            .collect();
        assert!(
            heights
                .iter()
                .all(|height| (height - heights[0]).abs() < 0.01)
        );
        // Arrow keys lead on in the row, and below it to what is nearest.
        assert_eq!(layout.step(0, Step::Right), Some(1));
        assert_eq!(layout.step(0, Step::Down), Some(4));
        // A day alone at the end is as high as it would be.
        assert!((layout.days[4].width - 1000.0).abs() < 0.01);
    }

    #[wasm_bindgen_test]
    fn only_what_touches_the_window_is_shown() {
        let layout = justify(&items(&[1.0; 1000], 1), &MEASURES);
        let day = &layout.days[0];
        let shown = layout.items_between(day, 10_000.0, 11_000.0);
        assert!(shown.len() < 60 && !shown.is_empty(), "{shown:?}");
        for place in &layout.places[shown] {
            assert!(
                day.top + place.top + place.height >= 10_000.0 && day.top + place.top <= 11_000.0
            );
        }
        assert_eq!(layout.days_between(0.0, 100.0), 0..1);
        assert!(
            layout
                .days_between(layout.height + 10.0, layout.height + 20.0)
                .is_empty()
        );
    }

    #[wasm_bindgen_test]
    fn a_window_narrower_than_a_picture_still_shows_it() {
        let narrow = Measures {
            width: 90.0,
            ..MEASURES
        };
        let layout = justify(&items(&[3.0, 1.0], 1), &narrow);
        assert!(layout.places.iter().all(|place| place.width <= 90.0));
    }

    #[wasm_bindgen_test]
    fn arrow_keys_lead_along_rows_and_to_the_nearest_picture_of_the_next_one() {
        let mut all = items(&[1.0; 7], 2);
        all.extend(items(&[1.0, 1.0], 1));
        let layout = justify(&all, &MEASURES);
        let places: Vec<_> = (0..9).filter_map(|at| layout.place(at)).collect();
        assert_eq!(places.len(), 9);
        let row = places
            .iter()
            .take_while(|place| (place.top - places[0].top).abs() < 0.5)
            .count();
        assert_eq!(layout.step(0, Step::Left), None);
        assert_eq!(layout.step(0, Step::Up), None);
        assert_eq!(layout.step(0, Step::Right), Some(1));
        assert_eq!(layout.step(1, Step::Down), Some(row + 1));
        assert_eq!(layout.step(row, Step::Up), Some(0));
        // Into another day, and no further than the last row.
        assert_eq!(layout.step(row, Step::Down), Some(7));
        assert_eq!(layout.step(8, Step::Down), None);
        assert_eq!(layout.step(8, Step::Right), None);
        assert_eq!(layout.step(4, Step::Last), Some(8));
        assert_eq!(layout.step(4, Step::First), Some(0));
    }
}
