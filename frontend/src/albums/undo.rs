//! Where pictures stood that were taken out of an album.

use tintype_dto::MAX_BULK_IMAGES;
use uuid::Uuid;

/// Those that stood together, with what stood behind them. The last ones come first: what they stand before is there when they are put back.
pub fn places(order: &[Uuid], removed: &[Uuid]) -> Vec<(Vec<Uuid>, Option<Uuid>)> {
    let is_removed = |id: &Uuid| removed.contains(id);
    let (mut places, mut behind) = (Vec::new(), None);
    for run in order.chunk_by(|a, b| is_removed(a) == is_removed(b)).rev() {
        for part in run.rchunks(MAX_BULK_IMAGES) {
            if is_removed(&part[0]) {
                places.push((part.to_vec(), behind));
            }
            behind = part.first().copied();
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::places;

    #[wasm_bindgen_test]
    fn what_is_taken_out_goes_back_between_what_it_stood_between() {
        let order = [1, 2, 3, 4, 5].map(Uuid::from_u128);
        let [first, second, third, _, last] = order;
        assert_eq!(places(&order, &[second]), [(vec![second], Some(third))]);
        assert_eq!(
            places(&order, &[last, first, second]),
            [(vec![last], None), (vec![first, second], Some(third))]
        );
        assert_eq!(places(&order, &order), [(order.to_vec(), None)]);
    }
}
