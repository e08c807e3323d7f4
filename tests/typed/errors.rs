//! Errors of handlers: the answer to the client, and whether the connection continues.

use std::{borrow::Cow, fmt};

use ignitia::{
    ClientMessage, ServerMessage,
    prelude::*,
    websocket::{CloseCause, CloseKind},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::support::{ask, client, nothing_came};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Fine,
    Muted,
    Banned,
    Io,
    Unsendable,
    Panic,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Fine,
}

#[derive(Debug)]
enum ChatError {
    Muted(String),
    Banned,
    Unsendable,
    Ours(Error),
}

impl From<Error> for ChatError {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl fmt::Display for ChatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hunter2: {self:?}")
    }
}

impl MessageError for ChatError {
    fn code(&self) -> &'static str {
        match self {
            Self::Muted(_) => "muted",
            Self::Banned => "banned",
            Self::Unsendable => "unsendable",
            Self::Ours(error) => error.code(),
        }
    }

    fn public_message(&self) -> Cow<'_, str> {
        match self {
            Self::Muted(name) => format!("{name} is \"muted\"\n").into(),
            Self::Banned => "".into(),
            Self::Unsendable => "x".repeat(10_000).into(),
            Self::Ours(error) => error.public_message(),
        }
    }

    fn close(&self) -> Option<CloseFrame> {
        match self {
            Self::Muted(_) => None,
            Self::Banned => Some(CloseFrame { code: 4003, reason: "banned".into() }),
            Self::Unsendable => Some(CloseFrame { code: 1006, reason: "never".into() }),
            Self::Ours(error) => error.close(),
        }
    }
}

fn answer(message: In) -> Result<Out, ChatError> {
    match message {
        In::Fine => Ok(Out::Fine),
        In::Muted => Err(ChatError::Muted("you".into())),
        In::Banned => Err(ChatError::Banned),
        In::Unsendable => Err(ChatError::Unsendable),
        In::Io => Err(Error::from(std::io::Error::other("hunter2")).into()),
        In::Panic => panic!("hunter2"),
    }
}

#[websocket("/function", on_message)]
async fn function(message: In) -> Result<Out, ChatError> {
    answer(message)
}

struct Session {
    ends: Ends,
}

#[derive(Clone)]
struct Ends(UnboundedSender<CloseCause>);

#[websocket("/session", message = In, reply = Out)]
impl Session {
    async fn accept(State(ends): State<Ends>) -> Self {
        Self { ends }
    }

    #[on(Fine)]
    async fn fine(&mut self) -> Result<Out, ChatError> {
        answer(In::Fine)
    }

    #[on(Muted)]
    async fn muted(&mut self) -> Result<Option<Out>, ChatError> {
        answer(In::Muted).map(Some)
    }

    #[on(Banned)]
    async fn banned(&mut self) -> Result<Vec<Out>, ChatError> {
        answer(In::Banned).map(|out| vec![out])
    }

    #[on(Unsendable)]
    async fn unsendable(&mut self) -> Result<CloseFrame, ChatError> {
        Err(ChatError::Unsendable)
    }

    #[on(Io)]
    async fn io(&mut self) -> Result<()> {
        std::fs::read("/nowhere/hunter2")?;
        Ok(())
    }

    #[on(Panic)]
    async fn panic(&mut self) -> Out {
        panic!("hunter2")
    }

    async fn on_close(self, why: CloseCause) {
        self.ends.0.send(why).unwrap();
    }
}

#[tokio::test]
async fn every_error_is_answered_or_closes_as_declared() {
    let (ends, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let client = client(Router::new().mount(function).state(Ends(ends)).mount_session::<Session>());
    for path in ["/function", "/session"] {
        let mut socket = client.connect(path).await;
        let muted = json!({"type": "$error", "code": "muted", "message": "you is \"muted\"\n"});
        for _ in 0..30 {
            assert_eq!(ask(&mut socket, r#"{"type":"muted"}"#).await, muted);
        }
        assert_eq!(ask(&mut socket, r#"{"type":"fine"}"#).await, json!({"type": "fine"}));
        nothing_came(&mut socket).await;
        drop(socket);
        if path == "/session" {
            assert_eq!(ended.recv().await.unwrap().kind, CloseKind::Lost);
        }
        let long = "x".repeat(10_000);
        for (kind, code, message, close, reason) in [
            ("banned", "banned", "", 4003, "banned"),
            ("io", "internal", "something went wrong", 1011, ""),
            // A code that must not be sent is replaced.
            ("unsendable", "unsendable", long.as_str(), 1011, ""),
        ] {
            let mut socket = client.connect(path).await;
            let error = json!({"type": "$error", "code": code, "message": message});
            assert_eq!(ask(&mut socket, format!(r#"{{"type":"{kind}"}}"#)).await, error);
            assert_eq!(socket.expect_close(close).await.reason, reason);
            socket.expect_end().await;
            if path == "/session" {
                let cause = ended.recv().await.unwrap();
                assert_eq!(
                    (cause.kind, cause.frame.map(|frame| frame.code)),
                    (CloseKind::Local, Some(close)),
                    "{kind}"
                );
            }
        }
        let mut sibling = client.connect(path).await;
        let mut socket = client.connect(path).await;
        socket.send_text(r#"{"type":"panic"}"#).await;
        assert_eq!(socket.expect_close(1011).await.reason, "");
        socket.expect_end().await;
        if path == "/session" {
            assert_eq!(ended.recv().await.unwrap().kind, CloseKind::Panic);
        }
        assert_eq!(ask(&mut sibling, r#"{"type":"fine"}"#).await, json!({"type": "fine"}));
        drop(sibling);
        if path == "/session" {
            assert_eq!(ended.recv().await.unwrap().kind, CloseKind::Lost);
        }
    }
    assert!(ended.try_recv().is_err());
}
