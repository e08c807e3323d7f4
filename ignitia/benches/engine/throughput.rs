//! Messages per second from one node to a member on another, with a history, beside pipelines of
//! `PUBLISH` and a subscriber.

use std::time::Instant;

use futures_util::StreamExt;
use ignitia::prelude::*;
use tokio::runtime::Runtime;

use super::{
    member::{Member, text},
    nodes::{Node, app},
    promise::{Promise, ROUNDS, median},
    redis_server::RedisServer,
};

const MESSAGES: usize = 50_000;
/// Commands of a pipeline, which is as many messages as a batch has.
const PIPELINE: usize = 256;

pub(super) fn compare(server: &RedisServer) -> Promise {
    let runtime = Runtime::new().unwrap();
    let ratios = (0..ROUNDS).map(|_| {
        let bare = runtime.block_on(bare(&server.url()));
        let ours = runtime.block_on(rooms(&server.url()));
        println!("messages per second: PUBLISH {bare:.0}, rooms {ours:.0}");
        ours / bare
    });
    let what = "messages per second, of pipelines of PUBLISH";
    Promise { what, value: median(ratios.collect()), least: 0.7, most: f64::MAX }
}

async fn bare(url: &str) -> f64 {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut subscriber = client.get_async_pubsub().await.unwrap();
    subscriber.subscribe("bare").await.unwrap();
    let counting = tokio::spawn(async move {
        let mut messages = subscriber.into_on_message();
        for _ in 0..MESSAGES {
            messages.next().await.unwrap();
        }
    });
    let began = Instant::now();
    for first in (0..MESSAGES).step_by(PIPELINE) {
        let mut pipeline = redis::pipe();
        for number in first..(first + PIPELINE).min(MESSAGES) {
            pipeline.publish("bare", text(number)).ignore();
        }
        pipeline.query_async::<()>(&mut connection).await.unwrap();
    }
    counting.await.unwrap();
    MESSAGES as f64 / began.elapsed().as_secs_f64()
}

async fn rooms(url: &str) -> f64 {
    let app = app();
    let (sender, receiver) = (Node::start(url, &app).await, Node::start(url, &app).await);
    let mut member = Member::connect(receiver.address).await;
    // The room is heard once its first message has arrived.
    sender.rooms.room("all").broadcast(&Message::Text(text(0))).unwrap();
    member.next().await;
    let counting = tokio::spawn(async move {
        for _ in 0..MESSAGES {
            member.next().await;
        }
    });
    let began = Instant::now();
    let room = sender.rooms.room("all");
    for number in 0..MESSAGES {
        let message = Message::Text(text(number));
        while room.broadcast(&message).is_err() {
            tokio::task::yield_now().await;
        }
    }
    counting.await.unwrap();
    let rate = MESSAGES as f64 / began.elapsed().as_secs_f64();
    sender.engine.close().await.unwrap();
    receiver.engine.close().await.unwrap();
    rate
}
