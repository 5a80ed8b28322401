use std::fs;

use serde_json::json;

use crate::browser::Browser;
use crate::server::{Server, root};
use crate::tour::{Pictures, each_view, walk, words};

const RUN: &str = r#"
const done = arguments[0];
axe.run(document, { resultTypes: ["violations"] }).then(
    found => done(found.violations.map(v => `${v.id} (${v.impact}): ${v.help}: ` + v.nodes.map(n => n.html + " " + n.failureSummary).join("; "))),
    error => done([String(error)]),
);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_in_light_and_dark_wide_and_narrow() {
    let axe = axe();
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    let (mut found, mut pages) = (Vec::new(), 0);
    walk(&alice, &Pictures::fixtures(), async |page| {
        pages += 1;
        alice
            .driver
            .execute(axe.as_str(), vec![])
            .await
            .unwrap_or_else(|error| panic!("load axe-core on {page}: {error}"));
        each_view(&alice, page, async |theme, width| {
            let violations = alice.async_script(RUN, json!([])).await;
            assert!(violations.is_array(), "axe-core gave no list");
            found.extend(
                words(&violations)
                    .iter()
                    .map(|violation| format!("{page}, {theme}, {width}: {violation}")),
            );
        })
        .await;
    })
    .await;
    assert_eq!(pages, 25);
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
}

fn axe() -> String {
    let path = root().join("target/axe/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("read {}: {error}; run `npm install --no-audit --no-fund --prefix target/axe axe-core@4`", path.display())
    })
}
