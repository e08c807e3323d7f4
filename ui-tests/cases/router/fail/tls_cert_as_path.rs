use ignitia::prelude::*;

fn main() {
    let key = std::fs::read("key.pem").unwrap();
    let _ = TlsConfig { cert: "cert.pem", key, ..Default::default() };
}
