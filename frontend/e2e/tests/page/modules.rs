//! The page's modules on the wire.

use crate::server::Server;

/// The address of the module that the page begins with.
async fn module(server: &Server) -> String {
    let page = reqwest::get(server.url("/")).await.unwrap();
    let page = page.text().await.unwrap();
    let path = page.split('"').find(|part| part.contains(".wasm"));
    server.url(path.unwrap())
}

#[tokio::test]
async fn a_module_comes_compressed_and_to_those_who_take_nothing_compressed_as_it_is() {
    let server = Server::start().await;
    let url = module(&server).await;
    let plain = reqwest::get(&url).await.unwrap();
    assert_eq!(plain.headers().get("content-encoding"), None);
    assert_eq!(plain.headers()["content-type"], "application/wasm");
    let plain = plain.bytes().await.unwrap();
    assert!(plain.starts_with(b"\0asm"));
    for encoding in ["br", "gzip"] {
        let client = reqwest::Client::new();
        let request = client.get(&url).header("accept-encoding", encoding);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], encoding);
        let compressed = answer.bytes().await.unwrap();
        assert!(compressed.len() < plain.len() / 2, "{encoding}");
    }
    let missing = reqwest::get(url.replace(".wasm", ".none")).await.unwrap();
    assert_eq!(missing.status(), 404);
}
