//! Who may connect: 401 for those who are not logged in, 403 for those who may not enter, both before the upgrade.
//!
//! ```text
//! cargo run -p examples --bin auth
//! ```
//!
//! There is a page, and there is curl: the token from the login goes into the query, or into the cookie `session_id`.
//!
//! ```text
//! curl -i --json '{"user":"bob","password":"builder"}' http://127.0.0.1:3000/login
//! curl -i --max-time 2 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
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

/// Names, passwords, and who is staff. A real application keeps hashes, in a database.
const USERS: [(&str, &str, bool); 2] = [("alice", "wonderland", true), ("bob", "builder", false)];

type Refusal = (StatusCode, &'static str);

/// A user who is logged in.
#[derive(Clone)]
struct Session {
    user: &'static str,
    staff: bool,
    /// Cancelled at the logout: open connections end then, too.
    ended: CancellationToken,
}

impl Session {
    /// Who may enter where. Used before the upgrade, and by the page that wants to know why it was refused.
    fn enter(&self, room: &str) -> Result<(), Refusal> {
        match room {
            "lobby" => Ok(()),
            "staff" if self.staff => Ok(()),
            "staff" => Err((StatusCode::FORBIDDEN, "staff only")),
            _ => Err((StatusCode::NOT_FOUND, "no such room")),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

/// Extractors run before the upgrade, and what one rejects with is the answer. That is the place for authentication:
/// no handler that takes a `Session` can be reached without one.
impl FromRequestParts<Sessions> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, sessions: &Sessions) -> Result<Self, Response> {
        let Ok(cookies) = Cookies::from_request_parts(parts, sessions).await;
        // Programs without cookies use the query. Browsers should not: URLs end up in histories and access logs.
        let Query(Token { token }) =
            Query::from_request_parts(parts, sessions).await.map_err(IntoResponse::into_response)?;
        token
            .as_deref()
            .or_else(|| cookies.get(COOKIE))
            .and_then(|token| sessions.lock().get(token).cloned())
            .ok_or_else(|| Response::unauthorized("log in first"))
    }
}

async fn room(session: Session, Path(room): Path<String>, mut ws: WebSocketConnection) -> Result<Response> {
    if let Err(refusal) = session.enter(&room) {
        return Ok(refusal.into_response()); // nothing is upgraded yet: a real 403 or 404
    }
    ws.send_text(format!("Welcome to the {room}, {}.", session.user)).await?;
    loop {
        tokio::select! {
            // After the upgrade a 401 is close code 3000, with the text as the reason.
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

/// Sessions by token. The lock is never held over an await, so it is std's.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashMap<String, Session>>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// Ends whatever sessions the user has.
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

async fn login(State(sessions): State<Sessions>, Json(login): Json<Login>) -> Response {
    let known =
        USERS.into_iter().find(|(user, password, _)| login.user == *user && login.password == *password);
    let Some((user, _, staff)) = known else {
        return Response::unauthorized("wrong name or password");
    };
    sessions.end(user); // one session per user: they cannot pile up
    let token = Uuid::new_v4().to_string();
    sessions.lock().insert(token.clone(), Session { user, staff, ended: CancellationToken::new() });
    // HttpOnly: no script can read it. SameSite: no foreign page can make a browser send it. Over TLS, add Secure.
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
    ([(SET_COOKIE, cookie)], Json(json!({ "token": token }))).into_response()
}

async fn logout(session: Session, State(sessions): State<Sessions>) -> StatusCode {
    sessions.end(session.user);
    StatusCode::NO_CONTENT
}

/// Browsers do not tell a page why its WebSocket was refused, so it asks here.
async fn access(session: Session, Path(room): Path<String>) -> Result<Json<&'static str>, Refusal> {
    session.enter(&room).map(|()| Json(session.user))
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new()
        .state(Sessions::default())
        .websocket("/ws/{room}", room)
        .get("/", || async { Response::html(include_str!("auth.html")) })
        .get("/access/{room}", access)
        .post("/login", login)
        .post("/logout", logout)
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}
