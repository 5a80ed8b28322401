//! Any sequence of operations does what a map does.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use proptest::prelude::*;
use tintype_storage::ObjectInfo;

use crate::place::Place;

const KEYS: [&str; 9] = [
    "a",
    "A",
    "a/b",
    "a/",
    "../a",
    "%61",
    "caf\u{e9}",
    "cafe\u{301}",
    "b",
];

#[derive(Clone, Debug)]
enum Step {
    Put(&'static str, Vec<u8>),
    Get(&'static str),
    Delete(&'static str),
    List(&'static str, Option<&'static str>),
}

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::sample::select(KEYS.to_vec());
    let bytes = prop::collection::vec(any::<u8>(), 0..64);
    prop_oneof![
        3 => (key(), bytes).prop_map(|(key, bytes)| Step::Put(key, bytes)),
        2 => key().prop_map(Step::Get),
        2 => key().prop_map(Step::Delete),
        1 => (prop::sample::select(vec!["", "a", "a/", "caf", "zz"]), prop::option::of(key()))
            .prop_map(|(prefix, after)| Step::List(prefix, after)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_behaves_like_a_map(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walk(steps));
    }
}

async fn walk(steps: Vec<Step>) {
    let place = Place::embedded().await;
    let mut model = BTreeMap::<&str, Vec<u8>>::new();
    for step in steps {
        match step {
            Step::Put(key, bytes) => {
                place
                    .store
                    .put(key, "image/png", Bytes::from(bytes.clone()))
                    .await
                    .unwrap();
                model.insert(key, bytes);
            }
            Step::Get(key) => {
                assert_eq!(place.read(key).await.as_ref(), model.get(key));
                let info = model.get(key).map(|bytes| ObjectInfo {
                    size_bytes: bytes.len() as u64,
                });
                assert_eq!(place.store.head(key).await.unwrap(), info);
            }
            Step::Delete(key) => {
                place.store.delete(key).await.unwrap();
                model.remove(key);
            }
            Step::List(prefix, after) => {
                let page = place.store.list(prefix, after).await.unwrap();
                let listed: Vec<_> = page
                    .items
                    .iter()
                    .map(|item| (item.key.as_str(), item.size_bytes))
                    .collect();
                let from = after.map_or(Bound::Unbounded, Bound::Excluded);
                let expected = model
                    .range::<str, _>((from, Bound::Unbounded))
                    .filter(|(key, _)| key.starts_with(prefix));
                assert_eq!(
                    listed,
                    expected
                        .map(|(key, bytes)| (*key, bytes.len() as u64))
                        .collect::<Vec<_>>()
                );
                assert_eq!(page.next, None);
            }
        }
    }
}
