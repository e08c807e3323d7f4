//! The cost of a contract. It is counted: that of 200 endpoints is four times that of 50.

use std::collections::BTreeMap;

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{HEAP, is_alone};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    name: String,
    children: Vec<Tree>,
    numbers: BTreeMap<String, Option<u64>>,
}

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only its schema counts")]
enum Ask {
    Say { text: String, to: Option<u64> },
    Grow(Tree),
    Count { of: Vec<Tree> },
    Leave,
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", content = "data")]
#[expect(dead_code, reason = "only its schema counts")]
enum Tell {
    Said { text: String },
    Grown(Tree),
    Done,
}

#[websocket("/<name>/asks", on_message, id = "id")]
async fn asks(name: String, ask: Ask) -> Tell {
    drop((name, ask));
    Tell::Done
}

/// Returns the number of allocations for all documents about so many endpoints.
fn allocations(endpoints: usize) -> usize {
    let nested = |number| (format!("/{number}"), Router::new().mount(asks));
    let router =
        (0..endpoints).map(nested).fold(Router::new(), |all, (path, router)| all.nest(&path, router));
    let before = HEAP.stats().allocations;
    let contract = router.contract();
    let documents = [contract.asyncapi(), contract.typescript(), contract.javascript()];
    let allocations = HEAP.stats().allocations - before;
    assert!(documents.iter().all(|document| document.contains(&format!("/{}/{{name}}/asks", endpoints - 1))));
    allocations
}

#[test]
fn a_contract_costs_the_same_for_each_endpoint() {
    if !is_alone("contract::many_endpoints::a_contract_costs_the_same_for_each_endpoint") {
        return;
    }
    allocations(1);
    let [few, many] = [allocations(50), allocations(200)];
    println!("{few} allocations for 50 endpoints, {many} for 200");
    assert!(many < few * 9 / 2, "{few} allocations for 50 endpoints, {many} for 200");
}
