//! Errors of the server and of connections to it, by what is to be done.

use std::fmt;

use redis::RedisError;

/// Error of a command, by what is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EngineFault {
    /// The server does not have the script: it is to be loaded.
    NoScript,
    /// The lease of this node is over: it needs a new one.
    LeaseOver,
    /// The server refuses to write for now. The connection is good.
    Refused(String),
    /// The server cannot do what it is asked. It will not do it next time, either.
    Rejected(String),
    /// The connection is of no use any more, or the server is none that can be written to.
    Disconnected { cause: OutageCause, text: String },
}

/// Cause of an outage, as metrics name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutageCause {
    /// A connection could not be made, or has ended.
    Connection,
    /// The server did not answer in time, or the heartbeat was not heard.
    Silence,
    /// The server does not accept the credentials.
    Credentials,
    /// The server is a replica, is loading its data, or is a cluster.
    Role,
}

impl OutageCause {
    /// Returns the label in metrics.
    #[cfg(feature = "metrics")]
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Silence => "silence",
            Self::Credentials => "credentials",
            Self::Role => "role",
        }
    }
}

impl EngineFault {
    /// Returns the fault of a server that did not answer in time.
    pub(super) fn silence(what: &str) -> Self {
        Self::Disconnected { cause: OutageCause::Silence, text: format!("{what}: no answer in time") }
    }

    /// Returns the fault of a connection that has ended.
    pub(super) fn connection(text: impl Into<String>) -> Self {
        Self::Disconnected { cause: OutageCause::Connection, text: text.into() }
    }

    /// Returns the cause of the outage that it begins.
    pub(super) fn cause(&self) -> OutageCause {
        if let Self::Disconnected { cause, .. } = self { *cause } else { OutageCause::Connection }
    }

    /// Returns the fault of an answer that is not what it should be.
    pub(super) fn answer(what: &str) -> Self {
        Self::Rejected(format!("{what}: the server's answer has an unexpected form"))
    }
}

impl From<RedisError> for EngineFault {
    fn from(error: RedisError) -> Self {
        let text = error.to_string();
        if error.is_timeout() {
            return Self::silence("a command");
        }
        let disconnected = |cause| Self::Disconnected { cause, text: text.clone() };
        let Some(code) = error.code() else {
            // Credentials that the server does not accept have a kind of their own.
            let is_refused = matches!(error.kind(), redis::ErrorKind::AuthenticationFailed);
            let cause = if is_refused { OutageCause::Credentials } else { OutageCause::Connection };
            return disconnected(cause);
        };
        // Servers before version 7 quote the error of a command in a script.
        let quoted = ["OOM", "NOREPLICAS", "MISCONF", "READONLY", "NOPERM", "LEASE"]
            .into_iter()
            .find(|quoted| code == "ERR" && text.contains(&format!("-{quoted} ")));
        let is_forbidden = text.contains("ACL failure in script")
            || text.contains("can't run this command")
            || text.contains("can't access at least");
        match quoted.unwrap_or(code) {
            "NOSCRIPT" => Self::NoScript,
            "LEASE" => Self::LeaseOver,
            "OOM" | "NOREPLICAS" | "MISCONF" | "NOPERM" => Self::Refused(text),
            "NOAUTH" | "WRONGPASS" => disconnected(OutageCause::Credentials),
            "READONLY" | "LOADING" | "MASTERDOWN" | "CROSSSLOT" | "MOVED" | "ASK" | "CLUSTERDOWN"
            | "BUSY" | "UNKILLABLE" => disconnected(OutageCause::Role),
            _ if is_forbidden => Self::Refused(text),
            _ => Self::Rejected(text),
        }
    }
}

impl fmt::Display for EngineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScript => f.write_str("the server does not have the script"),
            Self::LeaseOver => f.write_str("the lease of this node is over"),
            Self::Refused(text) | Self::Rejected(text) | Self::Disconnected { text, .. } => f.write_str(text),
        }
    }
}
