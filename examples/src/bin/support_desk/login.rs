//! Logins: a visitor's by a name, an agent's by a password. Both are a cookie.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{header::SET_COOKIE, request::Parts};
use ignitia::{FromRequestParts, prelude::*};
use serde::Deserialize;

use crate::{
    app::{App, millis, now},
    desk_error::DeskError,
    messages::Person,
    password,
    session_records::Owner,
};

const COOKIE: &str = "session";

/// Client who is logged in.
pub(crate) struct Caller {
    owner: Owner,
    pub(crate) expires_at: SystemTime,
    pub(crate) token_hash: Vec<u8>,
}

impl Caller {
    /// Returns the identity, the same on all connections: the key in rooms.
    pub(crate) fn key(&self) -> String {
        match &self.owner {
            Owner::Visitor { conversation, .. } => format!("visitor {conversation}"),
            Owner::Agent { name, .. } => format!("agent {name}"),
        }
    }

    pub(crate) fn person(&self) -> Person {
        match &self.owner {
            Owner::Visitor { name, .. } => Person { name: name.clone(), staff: false },
            Owner::Agent { name, .. } => Person { name: name.clone(), staff: true },
        }
    }

    /// Checks that this is an agent, or the visitor of the conversation.
    pub(crate) fn check_access(&self, to: i64) -> Result<(), DeskError> {
        match &self.owner {
            Owner::Visitor { conversation, .. } if *conversation != to => Err(DeskError::Forbidden),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_agent(&self) -> Result<(), DeskError> {
        match self.owner {
            Owner::Agent { .. } => Ok(()),
            Owner::Visitor { .. } => Err(DeskError::Forbidden),
        }
    }

    pub(crate) fn check_admin(&self) -> Result<(), DeskError> {
        match self.owner {
            Owner::Agent { is_admin: true, .. } => Ok(()),
            _ => Err(DeskError::Forbidden),
        }
    }
}

/// Authenticates a request, of a page and of a WebSocket alike.
impl FromRequestParts<App> for Caller {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, DeskError> {
        let Ok(cookies) = Cookies::from_request_parts(parts, app).await;
        let token = cookies.get(COOKIE).ok_or(DeskError::NoSession)?;
        let token_hash = password::token_hash(token);
        let session = app.store.session(token_hash.clone(), now()).await?.ok_or(DeskError::NoSession)?;
        let expires_at = Duration::from_millis(session.expires_at.unsigned_abs());
        Ok(Self { owner: session.owner, expires_at: UNIX_EPOCH + expires_at, token_hash })
    }
}

/// Routes below `/chat`, for visitors. Cookies have that path, so that a visitor and an agent can
/// be in one browser, as when you try it.
pub(crate) fn visitor_routes(router: Router<App>) -> Router<App> {
    router.post("/login", visit).get("/session", session).post("/logout", logout)
}

/// Routes below `/desk`, for agents.
pub(crate) fn agent_routes(router: Router<App>) -> Router<App> {
    router.post("/login", login).get("/session", session).post("/logout", logout)
}

#[derive(Deserialize)]
struct Introduction {
    name: String,
}

/// Begins a conversation. A real one limits how many an address may begin, in the proxy.
async fn visit(
    State(app): State<App>,
    Json(Introduction { name }): Json<Introduction>,
) -> Result<Response, DeskError> {
    let name = name.trim().to_owned();
    if !(1..=40).contains(&name.chars().count()) {
        return Err(DeskError::BadInput("a name has 1 to 40 characters"));
    }
    let conversation = app.store.add_conversation(name.clone()).await?;
    open_session(&app, "/chat", Owner::Visitor { name, conversation }).await
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn login(
    State(app): State<App>,
    Json(Credentials { name, password }): Json<Credentials>,
) -> Result<Response, DeskError> {
    let account = app.store.account(name.clone()).await?;
    let stored = account.as_ref().map(|account| account.password.clone());
    let is_right = password::is_right(password, stored).await?;
    let Some(account) = account.filter(|_| is_right) else { return Err(DeskError::WrongPassword) };
    open_session(&app, "/desk", Owner::Agent { name, is_admin: account.is_admin }).await
}

async fn open_session(app: &App, path: &str, owner: Owner) -> Result<Response, DeskError> {
    let token = password::token()?;
    let expires_at = millis(SystemTime::now() + app.session_time);
    app.store.add_session(password::token_hash(&token), owner, now(), expires_at).await?;
    // HttpOnly: no script can read it. SameSite: no foreign page can make a browser send it, so
    // that the routes need no tokens of their own. Over TLS, add Secure.
    let seconds = app.session_time.as_secs();
    let cookie = format!("{COOKIE}={token}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// Tells a page who it is: null, and no error, for one that is not logged in.
async fn session(caller: Result<Caller, DeskError>) -> Result<Response, DeskError> {
    let caller = match caller {
        Err(DeskError::NoSession) => return Ok(Json(()).into_response()),
        caller => caller?,
    };
    let Person { name, staff } = caller.person();
    let conversation = match &caller.owner {
        Owner::Visitor { conversation, .. } => Some(*conversation),
        Owner::Agent { .. } => None,
    };
    let is_admin = caller.check_admin().is_ok();
    let session = json!({ "name": name, "staff": staff, "is_admin": is_admin, "conversation": conversation });
    Ok(Json(session).into_response())
}

/// Ends the session, and with it the connections of the same user.
async fn logout(caller: Caller, State(app): State<App>) -> Result<StatusCode, DeskError> {
    app.store.remove_session(caller.token_hash.clone()).await?;
    let frame = CloseFrame { code: 3000, reason: "logged out".into() };
    app.conversations.close_key(caller.key(), &frame)?;
    app.desk.close_key(caller.key(), &frame)?;
    Ok(StatusCode::NO_CONTENT)
}
