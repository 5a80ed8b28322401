//! The doctor's report.

use std::fmt;

use serde::Serialize;
use tintype_storage::StoreError;

use tintype_core::chain;

/// The outcome of each step. `Display` is for people, `Serialize` for machines.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// In the order in which they were taken.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Which: `storage reachable`, `preflight`, ...
    pub name: &'static str,
    /// Its outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The outcome of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It works.
    Ok {
        /// What was seen.
        detail: String,
    },
    /// It works, with something to know or to improve.
    Warning {
        /// What is wrong, in a sentence.
        what: String,
        /// What to do about it, in a sentence.
        fix: String,
    },
    /// Tintype does not work like this.
    Failed {
        /// What is wrong, in a sentence.
        what: String,
        /// What to do about it, in a sentence that names the setting.
        fix: String,
    },
    /// It was not tried.
    Skipped {
        /// Why.
        why: String,
    },
}

impl Outcome {
    pub(super) fn ok(detail: impl Into<String>) -> Self {
        Self::Ok {
            detail: detail.into(),
        }
    }

    pub(super) fn warning(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Warning {
            what: what.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn failed(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Failed {
            what: what.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into() }
    }

    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

impl Report {
    /// Whether no step failed. Warnings are not failures.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        !self.steps.iter().any(|step| step.outcome.is_failure())
    }

    /// The outcome of the step of this name.
    #[must_use]
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.steps
            .iter()
            .find(|step| step.name == name)
            .map(|step| &step.outcome)
    }

    pub(super) fn add(&mut self, name: &'static str, outcome: Outcome) {
        self.steps.push(Step { name, outcome });
    }

    /// Adds the step and returns whether the steps after it make sense.
    pub(super) fn passes(&mut self, name: &'static str, outcome: Outcome) -> bool {
        let passed = !outcome.is_failure();
        self.add(name, outcome);
        passed
    }

    pub(super) fn skip(&mut self, names: &[&'static str], why: &str) {
        for name in names {
            self.add(name, Outcome::skipped(why));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { name, outcome } in &self.steps {
            match outcome {
                Outcome::Ok { detail } => writeln!(f, "ok       {name}: {detail}")?,
                Outcome::Skipped { why } => writeln!(f, "skipped  {name}: {why}")?,
                Outcome::Warning { what, fix } => {
                    writeln!(f, "warning  {name}: {what}\n         -> {fix}")?;
                }
                Outcome::Failed { what, fix } => {
                    writeln!(f, "FAILED   {name}: {what}\n         -> {fix}")?;
                }
            }
        }
        let count =
            |of: fn(&Outcome) -> bool| self.steps.iter().filter(|step| of(&step.outcome)).count();
        let (failed, warnings) = (
            count(Outcome::is_failure),
            count(|outcome| matches!(outcome, Outcome::Warning { .. })),
        );
        match failed {
            0 => write!(f, "\nHealthy ({warnings} warnings)."),
            _ => write!(
                f,
                "\n{failed} of {} steps failed ({warnings} warnings). Mend the first one, then run the doctor again.",
                self.steps.len()
            ),
        }
    }
}

/// Why a store or an address did not answer, in one line.
pub(super) fn reason(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(cause) | StoreError::Refused(cause) => {
            chain(cause).trim_start_matches("send request: ").to_owned()
        }
        StoreError::Full | StoreError::TooLarge => error.to_string(),
    }
}
