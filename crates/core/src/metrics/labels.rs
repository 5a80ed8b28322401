//! Labels of the metrics. Dashboards and alerts query these names and values.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// Enums whose variants are the values of a label. (The derive of `EncodeLabelValue` would write the Rust name of a variant.)
macro_rules! values {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])+ $variant:ident = $value:literal,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])+ $variant,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)+
                }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> std::fmt::Result {
                self.as_str().encode(encoder)
            }
        }
    )+};
}

values! {
    /// Which routes answered a request.
    Origin {
        /// The page and its API.
        App = "app",
        /// The pictures.
        Media = "media",
        /// The embedded store.
        Storage = "storage",
    }

    /// A socket that connections come in by.
    ListenerName {
        /// Of the page and its API.
        App = "app",
        /// Of the pictures.
        Media = "media",
        /// Of the embedded store as a process of its own.
        Storage = "storage",
        /// Of health and metrics.
        Ops = "ops",
    }

    /// Why the server closed a connection.
    Ending {
        /// All connections were in use.
        Refused = "refused",
        /// It was idle and made room for another.
        Idle = "idle",
        /// Its peer kept a request or a response waiting, and it made room for another.
        Stalled = "stalled",
        /// Its peer read a response too slowly.
        Slow = "slow",
    }

    /// How an upload ended.
    UploadOutcome {
        /// It is an image.
        Ready = "ready",
        /// The file was refused.
        Rejected = "rejected",
        /// An image was made again by a newer cleaner.
        Renewed = "renewed",
        /// Its user aborted it.
        Aborted = "aborted",
        /// The file did not come in time.
        Expired = "expired",
    }

    /// A pool of threads for work that blocks.
    Pool {
        /// Hashes passwords.
        Passwords = "passwords",
        /// Decodes and encodes.
        Pictures = "pictures",
    }

    /// What a connection to the database is doing.
    DatabaseState {
        /// It is idle.
        Idle = "idle",
        /// It is in use.
        Used = "used",
    }

    /// A call to the store.
    Operation {
        /// Write an object.
        Put = "put",
        /// What an object is.
        Head = "head",
        /// Read an object.
        Get = "get",
        /// Stream an object or a range of it.
        Stream = "stream",
        /// Delete an object.
        Delete = "delete",
        /// What is there.
        List = "list",
    }

    /// How a call to the store ended.
    CallOutcome {
        /// It was answered.
        Ok = "ok",
        /// It was not.
        Unavailable = "unavailable",
        /// There is no room.
        Full = "full",
        /// The store refused it.
        Refused = "refused",
    }

    /// How a round of the worker, or an audit, ended.
    Outcome {
        /// It came to its end.
        Ok = "ok",
        /// It did not.
        Failed = "failed",
    }

    /// How a sweep ended.
    SweepOutcome {
        /// It came to its end.
        Ok = "ok",
        /// A threshold stopped it.
        Refused = "refused",
        /// It failed.
        Failed = "failed",
    }

    /// What a sweep did with an object.
    SweepAction {
        /// Moved into quarantine.
        Quarantined = "quarantined",
        /// Deleted there.
        Deleted = "deleted",
    }

    /// Rows that the worker processes.
    Due {
        /// Uploads that have not ended.
        Uploads = "uploads",
        /// Images whose objects are to be deleted or replaced.
        Images = "images",
    }
}

/// Sets of labels, written in the order of their fields.
macro_rules! sets {
    ($($name:ident { $($(#[$attribute:meta])? $label:ident: $value:ty),+ })+) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name {
            $($(#[$attribute])? pub $label: $value,)+
        }
    )+};
}

sets! {
    OfRoute { origin: Origin, route: Arc<str> }
    OfRequest { #[prometheus(flatten)] route: OfRoute, method: &'static str, status: u16 }
    OfListener { listener: ListenerName }
    OfEnding { listener: ListenerName, reason: Ending }
    OfUpload { outcome: UploadOutcome }
    OfPool { pool: Pool }
    OfDatabase { state: DatabaseState }
    OfOperation { operation: Operation }
    OfCall { operation: Operation, outcome: CallOutcome }
    OfOutcome { outcome: Outcome }
    OfDue { kind: Due }
    OfFinding { kind: &'static str }
    OfSweep { outcome: SweepOutcome }
    OfAction { action: SweepAction }
    OfRule { rule: &'static str }
}

/// No label: the metric is shown only once a value is known.
pub(super) type Unlabelled = [(&'static str, &'static str); 0];
