//! What may stand before the connection.

use axum::extract::{Request, rejection::QueryRejection};
use ignitia::{FromRef, prelude::*};
use serde::Deserialize;

type Ws = WebSocketConnection;

#[derive(Clone)]
struct App {
    db: Db,
}

#[derive(Clone)]
struct Db;

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

async fn none(_: Ws) -> Response {
    Response::ok()
}

async fn state_and_a_part_of_it(State(_app): State<App>, State(Db): State<Db>, _: Ws) -> Response {
    Response::ok()
}

async fn taken_apart(
    Path((room, seat)): Path<(String, u8)>,
    Headers(headers): Headers,
    Cookies(cookies): Cookies,
    RequestId(id): RequestId,
    ws: Ws,
) -> Result<Response> {
    let session = cookies.get("session_id").unwrap_or_default();
    ws.send_text(format!("{room} {seat} {id} {session} {}", headers.len())).await?;
    Ok(Response::ok())
}

async fn whole(headers: Headers, cookies: Cookies, ws: Ws) -> Result<Response> {
    let authorized = headers.get("authorization").is_some() || cookies.get("session_id").is_some();
    ws.send_json(&authorized).await?;
    Ok(Response::ok())
}

async fn optional(room: Option<Path<u8>>, login: Result<Query<Login>, QueryRejection>, _: Ws) -> Response {
    match (room, login) {
        (Some(_), Ok(Query(login))) => Response::text(login.token),
        _ => Response::bad_request("Where to, and who are you?"),
    }
}

async fn body(State(Db): State<Db>, Json(login): Json<Login>, _: Ws) -> Response {
    Response::text(login.token)
}

async fn whole_request(request: Request, _: Ws) -> Response {
    Response::text(request.uri().to_string())
}

async fn seven(
    _: Path<u8>,
    _: State<App>,
    _: State<Db>,
    _: Headers,
    _: Cookies,
    _: Extension<u8>,
    _: Json<Login>,
    _: Ws,
) -> Response {
    Response::ok()
}

fn main() {
    let _ = Router::new()
        .websocket("/none", none)
        .state(App { db: Db })
        .websocket("/state", state_and_a_part_of_it)
        .websocket("/taken-apart/{room}/{seat}", taken_apart)
        .websocket("/whole", whole)
        .websocket("/optional", optional)
        .websocket("/body", body)
        .websocket("/request", whole_request)
        .websocket("/seven/{n}", seven)
        .websocket("/closure", |State(Db): State<Db>, Path(room): Path<u8>, ws: Ws| async move {
            ws.send_json(&room).await?;
            Ok::<_, Error>(Response::ok())
        });
}
