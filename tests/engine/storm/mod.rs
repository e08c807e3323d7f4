//! Storm: three nodes in processes of their own, many clients and messages, and one fault after the
//! other.
//!
//! Each message has its place in the story of its room. All clients must tell the same story,
//! without a hole and without a repetition, unless they were told of it; and what was acknowledged
//! must be in it. In one storm the server keeps what it has confirmed, so nothing may be missing.
//! In the other one it does not, and what is missing must be told.
//!
//! ```text
//! ENGINE_STORM_SECONDS=150 ENGINE_STORM_CLIENTS=3000 ENGINE_STORM_RATE=2000 ENGINE_STORM_SEED=7 \
//!   cargo test --release -p tests --features servers --test engine storm -- --nocapture
//! ```

mod client;
mod cluster;
mod faults;
mod findings;
mod incoming;
mod publisher;
mod room_story;
mod settings;
mod stages;
mod verdict;

use std::time::Duration;

use self::{
    cluster::Cluster,
    faults::{Fault, FaultDice},
    settings::StormSettings,
    stages::Stages,
};

/// Runs a storm in which these faults happen.
async fn storm(faults: &[Fault], keeps_data: bool) {
    let settings = StormSettings::from_environment();
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let mut cluster = Cluster::start().await;
    let stages = Stages::begin(&settings, &cluster, keeps_data).await;
    let mut dice = FaultDice::new(settings.seed, faults);
    let ends = tokio::time::Instant::now() + settings.time;
    while tokio::time::Instant::now() < ends {
        let pause = Duration::from_millis(500 + dice.below(1_500));
        tokio::time::sleep(pause).await;
        let fault = dice.next();
        println!("{fault:?}");
        cluster.suffer(fault, &mut dice).await;
    }
    cluster.calm().await;
    stages.end(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_in_which_the_data_survives() {
    storm(&Fault::HARMLESS, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_in_which_data_is_lost() {
    let faults: Vec<Fault> = Fault::LOSSY.into_iter().chain(Fault::HARMLESS).collect();
    storm(&faults, false).await;
}
