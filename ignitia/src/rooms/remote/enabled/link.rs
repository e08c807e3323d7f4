use std::{
    pin::Pin,
    sync::{Arc, Weak},
};

use crate::{
    engine::{
        FeedReceiver, Item, Outage, Place, PublishOptions, RememberedMessage, RoomsLink, Since, StoredMember,
    },
    error::Result,
};

/// Answer of the engine.
type LinkAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Engine, as rooms see it: [`RoomsLink`], whose methods these are. Tests have one of their own.
pub(in crate::rooms) trait EngineLink: Send + Sync {
    fn node(&self) -> u32;

    fn hash_seed(&self) -> u64;

    fn open(&self, name: &str, has_history: bool, receiver: Weak<dyn FeedReceiver>) -> u64;

    fn open_common(&self, receiver: Weak<dyn FeedReceiver>) -> u64;

    fn close(&self, name: &str, feed: u64);

    fn close_common(&self, feed: u64);

    fn publish(&self, name: &str, item: Item, options: PublishOptions) -> Result<()>;

    fn publish_confirmed<'a>(
        &'a self,
        name: &'a str,
        item: Item,
        options: PublishOptions,
    ) -> LinkAnswer<'a, Place>;

    fn publish_group(&self, group: Vec<(Arc<str>, Item, PublishOptions)>) -> Result<()>;

    fn publish_common(&self, item: Item, outage: Outage) -> Result<()>;

    fn publish_presence(&self, name: &str, item: Item);

    fn since<'a>(&'a self, name: &'a str, from: Place) -> LinkAnswer<'a, Since>;

    fn before<'a>(
        &'a self,
        name: &'a str,
        end: Option<Place>,
        messages: usize,
    ) -> LinkAnswer<'a, Vec<RememberedMessage>>;

    fn members<'a>(&'a self, name: &'a str) -> LinkAnswer<'a, Vec<StoredMember>>;
}

impl EngineLink for RoomsLink {
    fn node(&self) -> u32 {
        self.node()
    }

    fn hash_seed(&self) -> u64 {
        self.hash_seed()
    }

    fn open(&self, name: &str, has_history: bool, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open(name, has_history, receiver)
    }

    fn open_common(&self, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open_common(receiver)
    }

    fn close(&self, name: &str, feed: u64) {
        self.close(name, feed);
    }

    fn close_common(&self, feed: u64) {
        self.close_common(feed);
    }

    fn publish(&self, name: &str, item: Item, options: PublishOptions) -> Result<()> {
        self.publish(name, item, options)
    }

    fn publish_confirmed<'a>(
        &'a self,
        name: &'a str,
        item: Item,
        options: PublishOptions,
    ) -> LinkAnswer<'a, Place> {
        Box::pin(self.publish_confirmed(name, item, options))
    }

    fn publish_group(&self, group: Vec<(Arc<str>, Item, PublishOptions)>) -> Result<()> {
        self.publish_group(group)
    }

    fn publish_common(&self, item: Item, outage: Outage) -> Result<()> {
        self.publish_common(item, outage)
    }

    fn publish_presence(&self, name: &str, item: Item) {
        self.publish_presence(name, item);
    }

    fn since<'a>(&'a self, name: &'a str, from: Place) -> LinkAnswer<'a, Since> {
        Box::pin(self.since(name, from))
    }

    fn before<'a>(
        &'a self,
        name: &'a str,
        end: Option<Place>,
        messages: usize,
    ) -> LinkAnswer<'a, Vec<RememberedMessage>> {
        Box::pin(self.before(name, end, messages))
    }

    fn members<'a>(&'a self, name: &'a str) -> LinkAnswer<'a, Vec<StoredMember>> {
        Box::pin(self.members(name))
    }
}
