//! Limits of the queue.

use std::time::{Duration, Instant};

use tests::engine_app::Tell;

use crate::support::{Machines, StoreOptions};

#[tokio::test]
async fn a_full_queue_is_an_error_at_once_and_the_accepted_messages_keep_their_order() {
    let machines = Machines::with(StoreOptions::default(), 2, |config| {
        // The stall is no outage.
        config.queue_messages(10).patience(Duration::from_secs(30)).lease(Duration::from_secs(60))
    })
    .await;
    let room = "history+patient-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [0]).await;
    for member in &mut members {
        member.numbers(1).await;
    }
    machines.proxies[0].stall(true);
    let here = machines.nodes[0].rooms.room(room);
    let began = Instant::now();
    let mut accepted = vec![0];
    let mut refused = 0;
    for n in 1..=100 {
        match here.broadcast(&Tell::number(n)) {
            Ok(delivered) => {
                assert!(delivered.handed_on);
                accepted.push(n);
            }
            Err(error) => {
                assert!(error.is_unavailable(), "{error:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((accepted.len(), refused), (11, 90));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // No member has received any of them, neither here.
    for member in &mut members {
        member.mark().await;
        assert_eq!(member.numbers(1).await, [0]);
    }
    machines.proxies[0].stall(false);
    accepted.push(101);
    let publish = async || here.publish(&Tell::number(101)).await.is_ok();
    crate::support::until("there is room again", publish).await;
    for member in &mut members {
        assert_eq!(member.numbers_up_to(101).await, accepted);
    }
}
