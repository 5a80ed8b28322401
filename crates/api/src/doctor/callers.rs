//! The address that the server counts a request for: limits on tries depend on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use rand::RngExt;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use serde_json::json;
use tintype_dto::paths;
use tintype_storage::WebClient;
use tokio::net::{TcpStream, lookup_host};
use url::Url;
use uuid::Uuid;

use super::database::connect;
use super::installation::{addresses, plain};
use super::report::{Outcome, Report, reason};
use crate::config::{Config, Networks};
use crate::connections::network;
use tintype_core::accounts::name_nobody_has;
use tintype_core::db::rate_count;
use tintype_core::rate_limit::{self, Rule};

pub(super) const STEP: &str = "client addresses";
const SETTING: &str = "TINTYPE_SERVER__TRUSTED_PROXIES";
const WAIT: Duration = Duration::from_secs(5);

/// Tries to sign in with an unknown name and a forged `X-Forwarded-For`, and looks up in the database which address was counted. At most it
/// leaves one failed login of this machine, for as long as those count.
pub(super) async fn examine(config: &Config, http: &WebClient, report: &mut Report) {
    let outcome = match addresses(config).map(|addresses| addresses.app).ok() {
        Some(url) => ask(config, &url, http)
            .await
            .unwrap_or_else(|outcome| outcome),
        None => Outcome::skipped("the page has no address"),
    };
    report.add(STEP, outcome);
}

async fn ask(config: &Config, url: &Url, http: &WebClient) -> Result<Outcome, Outcome> {
    let skipped =
        |error: &dyn std::fmt::Display| Outcome::skipped(format!("it could not be tried: {error}"));
    let own = own_address(url).await.map_err(|error| skipped(&error))?;
    let forged = forged();
    let name = format!("tintype doctor {}", Uuid::now_v7());
    let status = log_in(url, http, forged, &name).await?;
    if status != StatusCode::UNAUTHORIZED {
        return Err(skipped(&format!("a log-in is answered with {status}")));
    }
    let db = connect(&config.database_url())
        .await
        .map_err(|error| skipped(&error))?;
    let seen = seen_as(&db, &name, forged, own)
        .await
        .map_err(|error| skipped(&error));
    let _ = db.close().await;
    Ok(judged(seen?, own, forged, &config.server.trusted_proxies))
}

/// The address that this machine calls from, if nothing on the way changes it.
async fn own_address(url: &Url) -> std::io::Result<IpAddr> {
    let (host, port) = (
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default(),
    );
    let target = (host.trim_start_matches('[').trim_end_matches(']'), port);
    let connected = async {
        let mut last = std::io::Error::other("its name leads nowhere");
        for address in lookup_host(target).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream.local_addr()?.ip().to_canonical()),
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    tokio::time::timeout(WAIT, connected).await?
}

/// An address that no client has: from a network reserved for examples.
fn forged() -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, rand::rng().random_range(1..=254)))
}

async fn log_in(
    url: &Url,
    http: &WebClient,
    forged: IpAddr,
    name: &str,
) -> Result<StatusCode, Outcome> {
    let body = json!({"username": name, "password": Uuid::new_v4().to_string()}).to_string();
    let request = Request::post([plain(url).as_str(), paths::BASE, paths::LOG_IN].concat())
        .header("content-type", "application/json")
        .header("x-forwarded-for", forged.to_string())
        .body(Bytes::from(body))
        .map_err(|error| Outcome::skipped(format!("it could not be tried: {error}")))?;
    let answer = http
        .send(request)
        .await
        .map_err(|error| Outcome::skipped(format!("nothing answers: {}", reason(&error))))?;
    Ok(answer.status())
}

/// The address that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Forged,
    Own,
    Loopback,
    Another,
}

async fn seen_as(
    db: &DatabaseConnection,
    name: &str,
    forged: IpAddr,
    own: IpAddr,
) -> Result<Seen, DbErr> {
    let candidates = [
        (Seen::Forged, forged),
        (Seen::Own, own),
        (Seen::Loopback, IpAddr::V4(Ipv4Addr::LOCALHOST)),
        (Seen::Loopback, IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    for (seen, address) in candidates {
        let caller = network(address);
        let of_account = rate_limit::key(
            Rule::FailedLoginsPerAccount,
            &name_nobody_has(&caller, name),
        );
        if let Some(row) = rate_count::Entity::find_by_id(of_account).one(db).await? {
            // This was no guess: it should count neither for the name nor for the address.
            rate_limit::give_back_of(db, Rule::FailedLoginsPerAddress, &caller).await?;
            rate_count::Entity::delete_by_id(row.key).exec(db).await?;
            return Ok(seen);
        }
    }
    Ok(Seen::Another)
}

fn judged(seen: Seen, own: IpAddr, forged: IpAddr, trusted: &Networks) -> Outcome {
    match seen {
        Seen::Forged if trusted.contain(forged) => Outcome::failed(
            format!(
                "a forged X-Forwarded-For is believed of anybody: whoever writes another one each time may guess without end ({forged})"
            ),
            format!(
                "Name the proxies alone in {SETTING}: it holds {forged}, which is nobody's address."
            ),
        ),
        Seen::Forged if trusted.contain(own) => Outcome::skipped(format!(
            "this machine calls from {own}, which is a trusted proxy: run the doctor where it is none"
        )),
        Seen::Forged => Outcome::failed(
            "a forged X-Forwarded-For comes through the proxy: whoever writes another one each time may guess without end",
            format!(
                "Let the proxy add the address that it sees to X-Forwarded-For, or put it there alone (nginx: $proxy_add_x_forwarded_for); only such proxies belong in {SETTING}."
            ),
        ),
        Seen::Own => Outcome::ok(format!(
            "this machine is seen as {own}, whatever it claims to be"
        )),
        Seen::Loopback => Outcome::failed(
            "everybody shares the address of a proxy on this machine: some wrong log-ins of one lock all out",
            format!("Set {SETTING}=127.0.0.1 (or ::1), and let the proxy write X-Forwarded-For."),
        ),
        Seen::Another if trusted.is_empty() => Outcome::warning(
            format!(
                "this machine calls from {own} and is seen as another: perhaps a proxy's address, which everybody shares then"
            ),
            format!("When a proxy stands before Tintype, name its address in {SETTING}."),
        ),
        Seen::Another => Outcome::ok(
            "this machine is seen as neither itself nor what it claims to be: what changes addresses on the way is trusted",
        ),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn judge(seen: Seen, own: &str, trusted: &str) -> Outcome {
        judged(
            seen,
            own.parse().unwrap(),
            "192.0.2.9".parse().unwrap(),
            &serde_json::from_value(trusted.into()).unwrap(),
        )
    }

    #[test]
    fn a_forged_address_is_bad_when_it_is_believed_of_those_who_are_no_proxies() {
        for (trusted, what) in [
            ("0.0.0.0/0", "believed of anybody"),
            ("127.0.0.1", "comes through the proxy"),
        ] {
            let outcome = judge(Seen::Forged, "198.51.100.7", trusted);
            assert!(
                matches!(&outcome, Outcome::Failed { what: found, fix } if found.contains(what) && fix.contains(SETTING)),
                "{outcome:?}"
            );
        }
        assert!(matches!(
            judge(Seen::Forged, "127.0.0.1", "127.0.0.1"),
            Outcome::Skipped { .. }
        ));
    }

    #[test]
    fn an_address_that_everybody_shares_is_named() {
        let outcome = judge(Seen::Loopback, "198.51.100.7", "");
        assert!(
            matches!(&outcome, Outcome::Failed { fix, .. } if fix.contains("TINTYPE_SERVER__TRUSTED_PROXIES=127.0.0.1")),
            "{outcome:?}"
        );
        assert!(matches!(
            judge(Seen::Another, "198.51.100.7", ""),
            Outcome::Warning { .. }
        ));
        for (seen, trusted) in [
            (Seen::Own, ""),
            (Seen::Own, "127.0.0.1"),
            (Seen::Another, "10.0.0.0/8"),
        ] {
            assert!(
                matches!(judge(seen, "198.51.100.7", trusted), Outcome::Ok { .. }),
                "{seen:?} {trusted}"
            );
        }
    }
}
