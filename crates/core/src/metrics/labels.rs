//! What the metrics are told apart by. Names and values are what dashboards and alerts ask for.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// Enums whose variants are the values of a label. (The derive of `EncodeLabelValue` would write a variant as it is called in Rust.)
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

    /// Why a connection was ended.
    Ending {
        /// There was no place for it.
        Refused = "refused",
        /// It lost its place while it had no request.
        Idle = "idle",
        /// It lost its place while its peer kept a request or an answer waiting.
        Stalled = "stalled",
        /// Its peer took an answer too slowly.
        Slow = "slow",
    }

    /// How an upload ended.
    UploadOutcome {
        /// It is an image.
        Ready = "ready",
        /// The file can't be taken.
        Rejected = "rejected",
        /// An image was made again by a newer cleaner.
        Renewed = "renewed",
        /// Its user took it back.
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
        /// It waits for work.
        Idle = "idle",
        /// Somebody has it.
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
        /// Read an object, or a part of it, by and by.
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
        /// The answer was no.
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
        /// What it found stopped it.
        Refused = "refused",
        /// It broke off.
        Failed = "failed",
    }

    /// What a sweep did with an object.
    SweepAction {
        /// Moved into quarantine.
        Quarantined = "quarantined",
        /// Deleted there.
        Deleted = "deleted",
    }

    /// Rows that the worker looks after.
    Due {
        /// Those that have not ended.
        Uploads = "uploads",
        /// Those whose objects are to go or to change.
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

/// None: for what is shown only where somebody knows it.
pub(super) type Unlabelled = [(&'static str, &'static str); 0];
