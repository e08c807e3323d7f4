//! A router with something of everything that a contract describes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use ignitia::{
    prelude::*,
    rooms::{Resume, Rooms},
    websocket::WebSocketConfig,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A place on the board.
#[derive(Serialize, Deserialize, JsonSchema, Clone)]
pub(crate) struct Point {
    x: f64,
    /// Upwards.
    y: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    value: i32,
    children: Vec<Tree>,
    parent: Option<Box<Tree>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Common {
    room: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Settings {
    colour: Colour,
    width: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { colour: Colour::Red, width: 1 }
    }
}

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Colour {
    Red,
    Green,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub(crate) enum Shape {
    /// Its centre and its radius.
    Circle {
        centre: Point,
        radius: f64,
    },
    Line(Line),
    Nothing,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Line {
    from: Point,
    to: Point,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Number(i32),
    Text(String),
    Point(Point),
}

#[derive(Serialize, Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    /// Says something to all.
    Say {
        /// The text, in Markdown.
        text: String,
        #[serde(default)]
        to: Option<u64>,
    },
    Numbers {
        small: u8,
        short: i16,
        usual: i32,
        wide: i64,
        wider: u128,
        ratio: f32,
        bounded: std::num::NonZeroU8,
    },
    Containers {
        list: Vec<Point>,
        set: BTreeSet<u8>,
        pair: (u8, String),
        array: [i32; 3],
        long: [u8; 20],
        map: BTreeMap<String, Point>,
        numbered: BTreeMap<u32, Option<bool>>,
        coloured: BTreeMap<Colour, u8>,
    },
    Draw(Shape),
    Grow {
        tree: Tree,
        page: Page<u8>,
        pages: Page<Page<String>>,
    },
    Set {
        #[serde(flatten)]
        common: Common,
        settings: Settings,
        #[serde(default)]
        old: Settings,
    },
    Any {
        value: Value,
        either: Either,
        cow: Cow<'static, str>,
    },
    Put(Point),
    Leave,
}

#[derive(Serialize, Deserialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Tell {
    Said { from: u64, text: String },
    Drawn(Shape),
    Placed(Point),
    Settings { settings: Settings },
    Left,
}

#[derive(Deserialize, JsonSchema)]
struct Login {
    /// A fresh one for each connection.
    token: String,
    fast: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
#[serde(tag = "t", content = "c")]
enum Board {
    Line(Point, Point),
    Points(Vec<Point>),
    Count(u64),
    Maybe(Option<Point>),
    Named { name: String },
    Clear,
}

#[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
#[serde(rename_all = "kebab-case")]
enum Job {
    Run {
        command: String,
        arguments: Vec<String>,
    },
    Exit(i32),
    Pair(u8, Colour),
    /// Ends the job.
    Stop,
    PauseNow,
}

struct Room;

/// A room, and who is in it.
#[websocket("/rooms/<room>/<seat>", message = Ask, reply = Tell, id = "id")]
impl Room {
    async fn accept(room: String, seat: u32, _: Resume, _: Rooms<Tell>, Query(login): Query<Login>) -> Self {
        let _ = (room, seat, login.token, login.fast);
        Self
    }

    /// Comes back to all.
    #[on(Say { text, to })]
    async fn say(&mut self, text: String, to: Option<u64>) -> Result<Tell> {
        Ok(Tell::Said { from: to.unwrap_or_default(), text })
    }

    #[on(Put(point))]
    async fn put(&mut self, point: Point) -> Option<Tell> {
        Some(Tell::Placed(point))
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "".into() }
    }

    #[on(_)]
    async fn rest(&mut self) {}
}

#[websocket("/boards/<path..>", on_message)]
async fn board(path: String, message: Board) -> Board {
    let _ = path;
    message
}

/// Jobs, line by line.
#[websocket("/jobs")]
async fn jobs(mut ws: TypedConnection<Job, Job>) -> Result<Response> {
    while let Some(Ok(job)) = ws.recv().await {
        ws.send(&job).await?;
    }
    Ok(Response::ok())
}

#[websocket("/raw")]
async fn raw(ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

pub(crate) fn router() -> Router<Rooms<Tell>> {
    let old =
        Router::new().mount(jobs).websocket_config(WebSocketConfig::default().subprotocols(["v2", "v1"]));
    Router::new()
        .state(Rooms::<Tell>::new())
        .mount_session::<Room>()
        .mount(board)
        .mount(raw)
        .nest("/tenants/{tenant}", old)
}

/// Returns messages of each kind as serde writes them, by endpoint and direction.
pub(crate) fn samples() -> Value {
    json!({
        "room": { "receive": asks(), "send": tells() },
        "board": { "receive": boards(), "send": boards() },
        "jobs": { "receive": jobs_of_all_kinds(), "send": jobs_of_all_kinds() },
    })
}

fn point() -> Point {
    Point { x: 0.5, y: -1e-7, label: None }
}

fn asks() -> Vec<Ask> {
    let leaf = || Tree { value: -1, children: vec![], parent: None };
    vec![
        Ask::Say { text: "Ünï \"\\\n".into(), to: Some(u64::MAX) },
        Ask::Say { text: String::new(), to: None },
        Ask::Numbers {
            small: 255,
            short: i16::MIN,
            usual: i32::MIN,
            wide: i64::MIN,
            wider: u64::MAX.into(),
            ratio: f32::MAX,
            bounded: std::num::NonZeroU8::MIN,
        },
        Ask::Containers {
            list: vec![point(), Point { label: Some("here".into()), ..point() }],
            set: BTreeSet::from([1, 2]),
            pair: (1, "two".into()),
            array: [1, 2, 3],
            long: [7; 20],
            map: BTreeMap::from([("__proto__".into(), point()), (String::new(), point())]),
            numbered: BTreeMap::from([(0, None), (u32::MAX, Some(true))]),
            coloured: BTreeMap::from([(Colour::Green, 1)]),
        },
        Ask::Draw(Shape::Circle { centre: point(), radius: 2.0 }),
        Ask::Draw(Shape::Line(Line { from: point(), to: point() })),
        Ask::Draw(Shape::Nothing),
        Ask::Grow {
            tree: Tree { value: 1, children: vec![leaf(), leaf()], parent: Some(Box::new(leaf())) },
            page: Page { items: vec![1], next: None },
            pages: Page { items: vec![], next: Some(Page { items: vec![], next: Some("more".into()) }) },
        },
        Ask::Set {
            common: Common { room: "lobby".into(), urgent: true },
            settings: Settings::default(),
            old: Settings { colour: Colour::Green, width: 0 },
        },
        Ask::Any { value: json!([null, {}]), either: Either::Number(1), cow: "".into() },
        Ask::Any { value: Value::Null, either: Either::Text("a".into()), cow: "a".into() },
        Ask::Any { value: json!(1.5), either: Either::Point(point()), cow: "b".into() },
        Ask::Put(point()),
        Ask::Leave,
    ]
}

fn tells() -> Vec<Tell> {
    vec![
        Tell::Said { from: u64::MAX, text: "a".into() },
        Tell::Drawn(Shape::Line(Line { from: point(), to: point() })),
        Tell::Placed(point()),
        Tell::Settings { settings: Settings::default() },
        Tell::Left,
    ]
}

fn boards() -> Vec<Board> {
    vec![
        Board::Line(point(), point()),
        Board::Points(vec![]),
        Board::Count(u64::MAX),
        Board::Maybe(None),
        Board::Maybe(Some(point())),
        Board::Named { name: "n".into() },
        Board::Clear,
    ]
}

fn jobs_of_all_kinds() -> Vec<Job> {
    vec![
        Job::Run { command: "ls".into(), arguments: vec!["-l".into()] },
        Job::Exit(-1),
        Job::Pair(0, Colour::Red),
        Job::Stop,
        Job::PauseNow,
    ]
}
