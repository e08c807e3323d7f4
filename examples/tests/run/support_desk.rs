//! Tests of `support_desk`.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::client::Request;

use crate::{client::Client, deadline::within, running_example::RunningExample};

const ADA: (&str, &str) = ("ada", "lovelace");
const GRACE: (&str, &str) = ("grace", "hopper");

/// A support desk with a database of its own.
struct SupportDesk {
    example: RunningExample,
    database: PathBuf,
}

/// Somebody who is logged in.
struct Participant {
    cookie: String,
    /// `/chat` or `/desk`.
    side: &'static str,
}

impl SupportDesk {
    /// Starts it with an empty database. Sessions live for so many seconds.
    async fn start(test: &str, session_seconds: u32) -> Self {
        let database = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("support_desk_{test}"));
        let _ = fs::remove_dir_all(&database); // of an earlier run
        fs::create_dir_all(&database).expect("a folder");
        Self::start_on(database.join("database"), session_seconds).await
    }

    async fn start_on(database: PathBuf, session_seconds: u32) -> Self {
        let variables = [
            ("DATABASE", database.to_str().expect("UTF-8")),
            ("SESSION_SECONDS", &session_seconds.to_string()),
        ];
        let program = env!("CARGO_BIN_EXE_support_desk");
        Self { example: RunningExample::start_with(program, "http", &variables).await, database }
    }

    /// Posts JSON, and returns the head and the text of the answer.
    async fn post(&self, path: &str, cookie: &str, body: &Value) -> (String, String) {
        let headers = format!("Content-Type: application/json\r\n{cookie}");
        self.example.http("POST", path, &headers, &body.to_string()).await
    }

    async fn login(&self, side: &'static str, body: Value) -> Participant {
        let (head, text) = self.post(&format!("{side}/login"), "", &body).await;
        assert_eq!(status(&head), 204, "{text}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        assert!(cookie.contains(&format!("; Path={side}; ")), "{cookie}");
        assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
        Participant { cookie: cookie.split(';').next().expect("a name and a value").to_owned(), side }
    }

    async fn visitor(&self, name: &str) -> Participant {
        self.login("/chat", json!({ "name": name })).await
    }

    async fn agent(&self, (name, password): (&str, &str)) -> Participant {
        self.login("/desk", json!({ "name": name, "password": password })).await
    }

    /// Returns what a page is told about its own login.
    async fn session(&self, of: &Participant) -> Value {
        let (head, body) = self.example.http("GET", &format!("{}/session", of.side), &of.header(), "").await;
        assert_eq!(status(&head), 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    fn request(&self, of: &Participant, path: &str) -> Request {
        let mut request = self.example.request(&format!("{}{path}", of.side));
        request.headers_mut().insert("cookie", of.cookie.parse().expect("a header value"));
        request
    }

    async fn connect(&self, of: &Participant, path: &str) -> Client<TcpStream> {
        self.example.handshake(self.request(of, path)).await.expect("the upgrade succeeds")
    }

    async fn upload(&self, of: &Participant, conversation: &Value, file: &str, content: &str) -> String {
        let path = format!("{}/conversations/{conversation}/files?name={file}&key=f1", of.side);
        self.example.http("POST", &path, &of.header(), content).await.0
    }

    async fn download(&self, of: &Participant, file: &Value) -> (String, String) {
        self.example.http("GET", &format!("{}/files/{file}", of.side), &of.header(), "").await
    }
}

impl Participant {
    fn header(&self) -> String {
        format!("Cookie: {}\r\n", self.cookie)
    }
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

fn say(key: &str, text: &str) -> String {
    json!({ "type": "say", "id": key, "key": key, "text": text }).to_string()
}

/// Says something, and returns the number of the post.
async fn say_and_read(client: &mut Client<TcpStream>, key: &str, text: &str) -> Value {
    client.send(say(key, text)).await;
    // The event and the reply come in either order.
    let mut post = None;
    let mut reply = None;
    while post.is_none() || reply.is_none() {
        let message = client.json().await;
        match message["type"].as_str() {
            Some("said") if message["post"]["key"] == key => post = Some(message["post"]["id"].clone()),
            Some("stored") => reply = Some(message),
            _ => {}
        }
    }
    let post = post.expect("it is set");
    assert_eq!(reply, Some(json!({ "type": "stored", "id": key, "post": post })));
    post
}

#[tokio::test]
async fn only_participants_are_upgraded() {
    let desk = SupportDesk::start("access", 600).await;
    for (page, title) in [("/chat", "<h1>Chat with us</h1>"), ("/desk", "<h1>Support desk</h1>")] {
        let files = desk.example.check_page_at(page, title).await;
        assert!(files.iter().any(|file| file == "/conversation_view.js"), "{files:?}");
        // A page asks whether it is logged in, and gets no error.
        assert_eq!(desk.example.get(&format!("{page}/session")).await, "null");
    }

    // 401: no cookie, one of nobody, and wrong passwords.
    let stranger = Participant { cookie: "session=guess".into(), side: "/chat" };
    let refused = (401, "log in first".to_owned());
    assert_eq!(desk.example.refusal(desk.example.request("/chat/conversations/1")).await, refused);
    assert_eq!(desk.example.refusal(desk.request(&stranger, "/conversations/1")).await, refused);
    assert_eq!(desk.session(&stranger).await, Value::Null);
    for (name, password) in [("ada", "hopper"), ("nobody", "lovelace"), ("ada", "")] {
        let login = json!({ "name": name, "password": password });
        let (head, text) = desk.post("/desk/login", "", &login).await;
        assert_eq!((status(&head), &*text), (401, "wrong name or password"), "{name}");
    }
    let (head, _) = desk.post("/chat/login", "", &json!({ "name": " " })).await;
    assert_eq!(status(&head), 400);

    // A visitor has one conversation, and neither the list nor those of others.
    let (vi, eve) = (desk.visitor("Vi").await, desk.visitor("Eve").await);
    let session = desk.session(&vi).await;
    let own = session["conversation"].clone();
    assert_eq!(session, json!({ "name": "Vi", "staff": false, "is_admin": false, "conversation": own }));
    let of_vi = format!("/conversations/{own}");
    let forbidden = (403, "this is not for you".to_owned());
    assert_eq!(desk.example.refusal(desk.request(&eve, &of_vi)).await, forbidden);
    let as_agent = Participant { cookie: eve.cookie.clone(), side: "/desk" };
    assert_eq!(desk.example.refusal(desk.request(&as_agent, "/overview")).await, forbidden);
    assert_eq!(status(&desk.upload(&eve, &own, "a.txt", "hi").await), 403);

    // An agent has all, but notices are for administrators.
    let ada = desk.agent(ADA).await;
    assert_eq!(desk.example.refusal(desk.request(&ada, "/conversations/99")).await.0, 404);
    let (head, _) = desk.post("/desk/notices", &ada.header(), &json!({ "text": "hi" })).await;
    assert_eq!(status(&head), 403);
    let clients = [desk.connect(&vi, &of_vi).await, desk.connect(&ada, &of_vi).await];
    desk.example.stop(clients).await;
}

#[tokio::test]
async fn a_visitor_and_an_agent_talk() {
    let desk = SupportDesk::start("talk", 600).await;
    let (vi, eve, ada) = (desk.visitor("Vi").await, desk.visitor("Eve").await, desk.agent(ADA).await);
    let number = desk.session(&vi).await["conversation"].clone();
    let path = format!("/conversations/{number}");

    // The agent's list: empty, then with the conversation, once something was said.
    let mut list = desk.connect(&ada, "/overview").await;
    let empty = json!({ "type": "overview", "conversations": [], "agents": ["ada"] });
    assert_eq!(list.json().await, empty);
    let mut visitor = desk.connect(&vi, &path).await;
    assert_eq!(visitor.json().await["type"], "$joined");
    let first = say_and_read(&mut visitor, "k1", "help, please").await;
    let overview = list.json_where(|message| message["conversations"] != json!([])).await;
    let listed = &overview["conversations"][0];
    assert_eq!((&listed["conversation"], &listed["visitor"]), (&number, &json!("Vi")));
    assert_eq!((&listed["last"], &listed["waiting"]), (&json!("help, please"), &json!(true)));
    assert_eq!(listed["present"], json!([{ "name": "Vi", "staff": false }]));

    // Presence, in the conversation and in the list.
    let mut agent = desk.connect(&ada, &path).await;
    let both = json!([{ "name": "Vi", "staff": false }, { "name": "ada", "staff": true }]);
    for client in [&mut visitor, &mut agent] {
        client.json_where(|message| message["type"] == "present" && message["people"] == both).await;
    }
    list.json_where(|message| message["conversations"][0]["present"] == both).await;

    // Typing is no part of the history: it has no position.
    agent.send(r#"{"type":"typing"}"#).await;
    let typing = visitor.json_of("typing").await;
    assert_eq!(typing, json!({ "type": "typing", "person": { "name": "ada", "staff": true } }));
    let answer = say_and_read(&mut agent, "k1", "what is it?").await;
    let said = visitor.json_of("said").await;
    assert!(said["$at"].is_string(), "{said}");
    let Value::Object(post) = &said["post"] else { panic!("no post: {said}") };
    assert_eq!((&post["id"], &post["text"]), (&answer, &json!("what is it?")));
    assert_eq!(post["author"], json!({ "name": "ada", "staff": true }));
    list.json_where(|message| message["conversations"][0]["waiting"] == false).await;

    // A message that is sent again is stored once.
    assert_eq!(say_and_read(&mut visitor, "k1", "help, please").await, first);
    visitor.send(say("k2", "")).await;
    let error = visitor.json_of("$error").await;
    assert_eq!((&error["id"], &error["code"]), (&json!("k2"), &json!("bad_input")));

    // A file is a post, which those of the conversation may download.
    assert_eq!(status(&desk.upload(&vi, &number, "shot.txt", "a picture").await), 204);
    let said = agent.json_where(|message| message["post"]["file"].is_object()).await;
    let file = &said["post"]["file"];
    assert_eq!((&file["name"], &file["bytes"]), (&json!("shot.txt"), &json!(9)));
    let (head, content) = desk.download(&ada, &file["id"]).await;
    assert_eq!((status(&head), &*content), (200, "a picture"));
    assert!(head.contains("content-disposition: attachment\r\n"), "{head}");
    assert_eq!(status(&desk.download(&eve, &file["id"]).await.0), 403);
    let large = "x".repeat((4 << 20) + 1);
    assert_eq!(status(&desk.upload(&vi, &number, "large", &large).await), 413);

    // A notice of an administrator reaches all conversations.
    let grace = desk.agent(GRACE).await;
    let notice = json!({ "text": "back at six" });
    let (head, delivered) = desk.post("/desk/notices", &grace.header(), &notice).await;
    assert_eq!((status(&head), &*delivered), (200, "2"));
    for client in [&mut visitor, &mut agent] {
        let notice = client.json_of("notice").await;
        assert_eq!((&notice["by"], &notice["text"]), (&json!("grace"), &json!("back at six")));
    }

    // Resolved, the conversation leaves the list.
    list.send(json!({ "type": "resolve", "conversation": number }).to_string()).await;
    assert_eq!(visitor.json_of("resolved").await["by"], "ada");
    list.json_where(|message| message["conversations"] == json!([])).await;

    // The visitor goes, and the agent sees it.
    visitor.close().await;
    let alone = json!([{ "name": "ada", "staff": true }]);
    agent.json_where(|message| message["people"] == alone).await;
    desk.example.stop([agent, list]).await;
}

#[tokio::test]
async fn what_was_missed_comes_from_the_history_and_what_is_old_from_the_database() {
    let desk = SupportDesk::start("history", 600).await;
    let vi = desk.visitor("Vi").await;
    let path = format!("/conversations/{}", desk.session(&vi).await["conversation"]);
    let mut visitor = desk.connect(&vi, &path).await;
    let mut posts = Vec::new();
    for number in 0..35 {
        posts.push(say_and_read(&mut visitor, &number.to_string(), &format!("no. {number}")).await);
    }

    // Two pages: thirty, and the rest.
    let mut page = async |before: &Value| {
        visitor.send(json!({ "type": "older", "id": 1, "before": before }).to_string()).await;
        let page = visitor.json_of("page").await;
        let posts = page["posts"].as_array().expect("a list");
        (posts.iter().map(|post| post["id"].clone()).collect::<Vec<_>>(), page["more"].clone())
    };
    assert_eq!(page(&Value::Null).await, (posts[5..].to_vec(), json!(true)));
    assert_eq!(page(&posts[5]).await, (posts[..5].to_vec(), json!(false)));
    assert_eq!(page(&posts[0]).await, (vec![], json!(false)));

    // The connection is lost. What is said meanwhile comes first, and once.
    visitor.send(say("last", "I am in a tunnel")).await;
    let seen = visitor.json_of("said").await;
    let position = seen["$at"].as_str().expect("a position");
    drop(visitor);
    let ada = desk.agent(ADA).await;
    let mut agent = desk.connect(&ada, &path).await;
    let missed = say_and_read(&mut agent, "a1", "still there?").await;
    let mut visitor = desk.connect(&vi, &format!("{path}?$at={position}")).await;
    let room = path.rsplit('/').next();
    let resumed = json!({ "type": "$resumed", "room": room, "recovered": 1 });
    assert_eq!(visitor.json().await, resumed);
    assert_eq!(visitor.json().await["post"]["id"], missed);
    desk.example.stop([visitor, agent]).await;
}

#[tokio::test]
async fn connections_end_with_the_login() {
    let desk = SupportDesk::start("expiry", 600).await;
    let (vi, ada) = (desk.visitor("Vi").await, desk.agent(ADA).await);
    let path = format!("/conversations/{}", desk.session(&vi).await["conversation"]);
    let mut visitor = desk.connect(&vi, &path).await;
    let both = [desk.connect(&ada, &path).await, desk.connect(&ada, "/overview").await];
    // The task has told of the agent: it is a member of both rooms.
    visitor.json_where(|message| message["people"].as_array().is_some_and(|people| people.len() == 2)).await;
    let [agent, mut list] = both;
    list.json_of("overview").await;
    let (head, _) = desk.post("/desk/logout", &ada.header(), &Value::Null).await;
    assert_eq!(status(&head), 204);
    for mut client in [agent, list] {
        let frame = client.closed().await.expect("a close frame with a code");
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (3000, "logged out"));
    }
    assert_eq!(desk.example.refusal(desk.request(&ada, &path)).await.0, 401);
    assert_eq!(desk.session(&ada).await, Value::Null);
    desk.example.stop([visitor]).await;

    // A session that expires takes its connection with it. On a slow machine it may do so before
    // there is one.
    let mut seconds = 2;
    let (desk, vi, path, mut visitor) = loop {
        let desk = SupportDesk::start("expiry", seconds).await;
        let vi = desk.visitor("Vi").await;
        let path = format!("/conversations/{}", desk.session(&vi).await["conversation"]);
        match desk.example.handshake(desk.request(&vi, &path)).await {
            Ok(visitor) => break (desk, vi, path, visitor),
            Err(_) => seconds *= 4,
        }
        desk.example.stop::<TcpStream>([]).await;
    };
    let frame = visitor.closed().await.expect("a close frame with a code");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (3000, "expired"));
    assert_eq!(desk.example.refusal(desk.request(&vi, &path)).await.0, 401);
    desk.example.stop::<TcpStream>([]).await;
}

#[tokio::test]
async fn a_restart_keeps_the_data_and_the_logins() {
    let desk = SupportDesk::start("restart", 600).await;
    let (vi, ada) = (desk.visitor("Vi").await, desk.agent(ADA).await);
    let number = desk.session(&vi).await["conversation"].clone();
    let path = format!("/conversations/{number}");
    let mut visitor = desk.connect(&vi, &path).await;
    visitor.send(say("k1", "before")).await;
    let said = visitor.json_of("said").await;
    let position = said["$at"].as_str().expect("a position");
    assert_eq!(status(&desk.upload(&vi, &number, "a.txt", "kept").await), 204);
    let file = visitor.json_where(|message| message["post"]["file"].is_object()).await;
    desk.example.get("/readyz").await;
    let SupportDesk { example, database } = desk;
    example.stop([visitor]).await; // 1001, and then the program ends by itself
    assert!(!database.with_file_name("database-wal").exists(), "the database was not closed");

    let desk = SupportDesk::start_on(database, 600).await;
    let mut visitor = desk.connect(&vi, &format!("{path}?$at={position}")).await;
    let resumed = visitor.json().await;
    assert_eq!((&resumed["type"], &resumed["lost"]), (&json!("$resumed"), &json!(true)));
    visitor.send(r#"{"type":"older","id":1,"before":null}"#).await;
    let page = visitor.json_of("page").await;
    assert_eq!(page["posts"], json!([said["post"], file["post"]]));
    let (_, content) = desk.download(&ada, &file["post"]["file"]["id"]).await;
    assert_eq!(content, "kept");
    let mut list = desk.connect(&ada, "/overview").await;
    list.json_where(|message| message["conversations"][0]["conversation"] == number).await;

    // Counts are published when the connection task is idle, perhaps after the reply has arrived.
    let wanted = [
        r#"ignitia_connections{route="/chat/conversations/{conversation}"} 1"#,
        r#"ignitia_connections{route="/desk/overview"} 1"#,
        r#"ignitia_messages_total{route="/chat/conversations/{conversation}",direction="in"} 1"#,
    ];
    let shown = async {
        loop {
            let metrics = desk.example.get("/metrics").await;
            if wanted.iter().all(|line| metrics.lines().any(|shown| shown == *line)) {
                return;
            }
        }
    };
    within(shown).await;
    desk.example.stop([visitor, list]).await;
}
