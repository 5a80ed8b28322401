//! The page installed on a phone.

use reqwest::redirect::Policy;

use crate::server::{On, TestServer};

#[tokio::test]
async fn what_is_shared_without_a_worker_leads_to_the_page_and_stays_nowhere() {
    let server = TestServer::start(On::Sqlite).await;
    let app = server.app_url();
    let browser = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    for megabytes in [0, 20] {
        let body = vec![7; megabytes * 1024 * 1024];
        let sent = browser.post(format!("{app}/share")).body(body);
        let answer = sent.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{megabytes} MB");
        assert_eq!(answer.headers()["location"], "/");
    }
}

#[tokio::test]
async fn the_worker_can_be_switched_off_and_then_ends_itself() {
    let on = TestServer::start(On::Sqlite).await;
    let page = on.folder.path().join("page");
    std::fs::create_dir_all(&page).unwrap();
    std::fs::write(page.join("service-worker.js"), "// the page's own").unwrap();
    let asked = async |server: &TestServer| {
        let url = format!("{}/service-worker.js", server.app_url());
        let answer = reqwest::get(url).await.unwrap();
        let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
        let (kind, cache) = (header("content-type"), header("cache-control"));
        assert!(kind.starts_with("text/javascript"), "{kind}");
        assert_eq!(cache, "no-cache");
        answer.text().await.unwrap()
    };
    assert_eq!(asked(&on).await, "// the page's own");
    let change = |config: &mut tintype_api::config::Config| config.server.service_worker = false;
    let off = TestServer::start_with(On::Sqlite, change).await;
    assert!(asked(&off).await.contains("registration.unregister()"));
}
