//! Tests of `gallery.rs`.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::running_example::RunningExample;

/// Names of the examples, as their files have them.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = fs::read_dir(folder).expect("the folder of the examples");
    let files = files.map(|file| file.expect("a file").path());
    let programs = files.filter(|file| file.is_dir() || file.extension().is_some_and(|end| end == "rs"));
    programs
        .map(|file| file.file_stem().and_then(|name| name.to_str()).expect("UTF-8").to_owned())
        .filter(|name| name != "gallery")
        .collect()
}

#[tokio::test]
async fn every_example_is_listed_with_its_command() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_gallery")).await;
    example.check_page("<h1>Examples</h1>").await;
    let page = example.get("/").await;
    let examples = examples();
    assert!(examples.len() > 10, "{examples:?}");
    for name in &examples {
        assert!(page.contains(&format!("cargo run -p examples --bin {name}</code>")), "{name}");
    }
    assert_eq!(page.matches("cargo run").count(), examples.len());
    example.stop::<tokio::net::TcpStream>([]).await;
}

#[tokio::test]
async fn pages_are_told_which_examples_run() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_gallery")).await;
    let mut client = example.connect("/ws").await;
    assert_eq!(client.json().await["type"], "running");
    let lists =
        |message: &Value| message["names"].as_array().is_some_and(|names| names.contains(&json!("batch")));
    // Something accepts where that example is looked for, unless it runs on this machine itself.
    if let Ok(stands_in) = TcpListener::bind(("127.0.0.1", 3009)).await {
        client.send(r#"{"type":"look","id":1}"#).await;
        client.json_where(lists).await;
        drop(stands_in);
        client.json_where(|message| !lists(message)).await;
    }
    example.stop([client]).await;
}
