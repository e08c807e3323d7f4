//! Shows authentication and authorization before the upgrade: 401 without a login, 403 for a room
//! that the user may not enter.
//!
//! ```text
//! cargo run -p examples --bin auth
//! ```
//!
//! Open <http://127.0.0.1:3000>, or use curl. The token from the login goes into the query, or into
//! the cookie `session_id`.
//!
//! ```text
//! curl -i --json '{"user":"bob","password":"builder"}' http://127.0.0.1:3000/login
//! curl -i --max-time 2 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
//!     -H 'Sec-WebSocket-Version: 13' \
//!     -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' 'http://127.0.0.1:3000/ws/lobby?token=..'
//! ```

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::http::{header::SET_COOKIE, request::Parts};
use ignitia::{FromRequestParts, prelude::*};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const COOKIE: &str = "session_id";

/// Names, passwords, and true for staff. A real application keeps hashes, in a database.
const USERS: [(&str, &str, bool); 2] = [("alice", "wonderland", true), ("bob", "builder", false)];

type AccessError = (StatusCode, &'static str);

/// The session of a user who is logged in.
#[derive(Clone)]
struct UserSession {
    user: &'static str,
    staff: bool,
    /// Cancelled at the logout, which closes open connections, too.
    ended: CancellationToken,
}

impl UserSession {
    /// Checks the access to a room, before the upgrade and for the page that asks for the reason
    /// of a refusal.
    fn enter(&self, room: &str) -> Result<(), AccessError> {
        match room {
            "lobby" => Ok(()),
            "staff" if self.staff => Ok(()),
            "staff" => Err((StatusCode::FORBIDDEN, "staff only")),
            _ => Err((StatusCode::NOT_FOUND, "no such room")),
        }
    }
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

/// Authenticates a request. Extractors run before the upgrade, and a rejection becomes the
/// response, so no handler that takes a `UserSession` runs without one.
impl FromRequestParts<UserSessions> for UserSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, sessions: &UserSessions) -> Result<Self, Response> {
        let Ok(cookies) = Cookies::from_request_parts(parts, sessions).await;
        // Clients without cookies use the query. Browsers should not: URLs end up in histories and
        // access logs.
        let Query(TokenQuery { token }) =
            Query::from_request_parts(parts, sessions).await.map_err(IntoResponse::into_response)?;
        token
            .as_deref()
            .or_else(|| cookies.get(COOKIE))
            .and_then(|token| sessions.lock().get(token).cloned())
            .ok_or_else(|| Response::unauthorized("log in first"))
    }
}

async fn room(
    session: UserSession,
    Path(room): Path<String>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    if let Err(error) = session.enter(&room) {
        return Ok(error.into_response()); // not upgraded yet: a real 403 or 404
    }
    ws.send_text(format!("Welcome to the {room}, {}.", session.user)).await?;
    loop {
        tokio::select! {
            // After the upgrade a 401 becomes close code 3000, with the text as the reason.
            () = session.ended.cancelled() => return Ok(Response::unauthorized("logged out")),
            message = ws.recv() => match message {
                Some(Message::Text(text)) => ws.send_text(format!("{}: {text}", session.user)).await?,
                Some(Message::Binary(_)) => return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response()),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                Some(Message::Close(_)) | None => return Ok(Response::ok()),
            },
        }
    }
}

/// Sessions by token. The lock is never held across an await, so it is std's.
#[derive(Clone, Default)]
struct UserSessions(Arc<Mutex<HashMap<String, UserSession>>>);

impl UserSessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, UserSession>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// Ends all sessions of a user.
    fn end(&self, user: &str) {
        self.lock().retain(|_, session| {
            let keep = session.user != user;
            if !keep {
                session.ended.cancel();
            }
            keep
        });
    }
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

async fn login(State(sessions): State<UserSessions>, Json(login): Json<Login>) -> Response {
    let known =
        USERS.into_iter().find(|(user, password, _)| login.user == *user && login.password == *password);
    let Some((user, _, staff)) = known else {
        return Response::unauthorized("wrong name or password");
    };
    sessions.end(user); // one session per user, so that sessions do not accumulate
    let token = Uuid::new_v4().to_string();
    sessions.lock().insert(token.clone(), UserSession { user, staff, ended: CancellationToken::new() });
    // HttpOnly: no script can read the cookie. SameSite: no foreign page can make a browser send
    // it. Over TLS, add Secure.
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
    ([(SET_COOKIE, cookie)], Json(json!({ "token": token }))).into_response()
}

async fn logout(session: UserSession, State(sessions): State<UserSessions>) -> StatusCode {
    sessions.end(session.user);
    StatusCode::NO_CONTENT
}

/// Tells a page the name of its user: null, and no error, without a login.
async fn user(session: std::result::Result<UserSession, Response>) -> Json<Option<&'static str>> {
    Json(session.ok().map(|session| session.user))
}

/// Tells a page the reason of a refusal, which browsers hide from scripts.
async fn access(session: UserSession, Path(room): Path<String>) -> Result<Json<&'static str>, AccessError> {
    session.enter(&room).map(|()| Json(session.user))
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new()
        .state(UserSessions::default())
        .websocket("/ws/{room}", room)
        .get("/", || async { Response::html(include_str!("auth.html")) })
        .get("/session", user)
        .get("/access/{room}", access)
        .post("/login", login)
        .post("/logout", logout)
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}
