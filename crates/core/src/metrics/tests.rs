use super::*;
use crate::audit::Fault;
use crate::rate_limit::Rule;

const TOOK: Duration = Duration::from_millis(3);

/// One of everything that can be counted.
fn counted() -> Metrics {
    let metrics = Metrics::new();
    for &origin in Origin::ALL {
        metrics.request(origin, "GET", "/a/{b}".into(), 200, TOOK);
    }
    for &listener in ListenerName::ALL {
        metrics.connections_open(listener, 1);
        for &reason in Ending::ALL {
            metrics.connection_ended(listener, reason);
        }
    }
    for &outcome in UploadOutcome::ALL {
        metrics.upload(outcome);
    }
    for &pool in Pool::ALL {
        metrics.pool_duration(pool).observe(TOOK.as_secs_f64());
        metrics.pool(pool, 1, 1);
    }
    metrics.connections(1, 1);
    for &operation in Operation::ALL {
        for &outcome in CallOutcome::ALL {
            metrics.storage_call(operation, outcome, TOOK);
        }
    }
    metrics.free(1);
    count_work(&metrics);
    metrics
}

fn count_work(metrics: &Metrics) {
    for &outcome in Outcome::ALL {
        metrics.worker_round(outcome);
    }
    for &kind in Due::ALL {
        metrics.worker_due(kind, 1);
    }
    metrics.audit(Fault::KINDS.into_iter().map(|kind| (kind, 1)), TOOK);
    metrics.audit_failed();
    for &outcome in SweepOutcome::ALL {
        metrics.sweep(outcome, TOOK);
    }
    metrics.sweep_orphans(1);
    for &action in SweepAction::ALL {
        metrics.sweep_object(action);
    }
    metrics.swept_at(1);
    for rule in [
        Rule::FailedLoginsPerAccount,
        Rule::FailedLoginsPerAddress,
        Rule::RegistrationsPerAddress,
    ] {
        metrics.rate_limited(rule.name());
    }
}

#[test]
fn series_are_called_what_dashboards_and_alerts_ask_for() {
    let text = counted().text().unwrap();
    let mut series: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("le=\""))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("tintype_build_info"))
        .collect();
    series.sort_unstable();
    let known: Vec<_> = include_str!("series.txt").lines().collect();
    assert_eq!(series, known, "{}", series.join("\n"));
}
