//! Writes the contracts of `.ci/contract/` into a directory: as AsyncAPI, TypeScript and
//! JavaScript, with messages as serde writes them.

mod guide;
mod hostile;
mod many;
mod rich;
mod sums;

use std::{env, fs, path::Path};

use ignitia::contract::Contract;
use serde_json::Value;

fn main() {
    let directory = env::args().nth(1).expect("the argument is a directory to write to");
    let directory = Path::new(&directory);
    let write = |name: &str, contract: Contract| {
        assert!(contract.problems().is_empty(), "{name}: {:#?}", contract.problems());
        for (ending, text) in
            [("json", contract.asyncapi()), ("ts", contract.typescript()), ("js", contract.javascript())]
        {
            fs::write(directory.join(format!("{name}.{ending}")), text)
                .expect("the directory can be written to");
        }
    };
    write("rich", rich::router().contract().title("Rich", "1.2.3"));
    write(
        "hostile",
        named_by_path(hostile::router().contract()).title("// */ \u{2028} <!--", "`${0}`\n\"'\\"),
    );
    write("many", named_by_path(many::router().contract()));
    write("guide", guide::router().contract());
    write("sums", sums::router().contract());
    let samples = serde_json::to_string_pretty(&rich::samples()).expect("messages are JSON");
    fs::write(directory.join("samples.json"), samples).expect("the directory can be written to");
}

/// Names the endpoints as the document does where several have one name: by their paths.
fn named_by_path(contract: Contract) -> Contract {
    let document: Value = serde_json::from_str(&contract.asyncapi()).expect("a document is JSON");
    let channels = document["channels"].as_object().expect("it has channels").iter();
    channels.fold(contract, |contract, (name, channel)| {
        contract.name(channel["address"].as_str().expect("a channel has an address"), name)
    })
}
