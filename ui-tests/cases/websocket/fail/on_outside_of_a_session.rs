use ignitia::prelude::*;

pub struct Chat;

impl Chat {
    #[on(Leave)]
    pub async fn leave(&mut self) {}
}

fn main() {}
