//! Signals between nodes over the database itself: packets are inserted into the collection `signals` and come out of every
//! node's change stream.

use std::time::Duration;

use mongodb::bson::{Binary, Document, RawDocument, doc, spec::BinarySubtype};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Mongo, connect::Topology, errors::timely, nodes::fleeting, schema::SIGNALS, stream::Signal};
use crate::{
    adapters::gateways::signals::{
        inbox::{Inbox, Intake, inbox},
        outbox::{Carrier, Outbox},
    },
    domain::{entities::ids::NodeId, error::Result},
};

const PACKET: &str = "packet";

/// Time between two packets at least, in which company for the second one gathers: an insert costs the server more than a
/// frame.
const PACE: Duration = Duration::from_millis(5);

impl Mongo {
    /// The way from `node` to the others. On a server without change streams there are no others, and it leads nowhere.
    pub fn join(&self, node: NodeId) -> (Outbox, Inbox) {
        let (intake, inbox) = inbox(node);
        let signals = self.signals();
        if self.database.topology.get().is_some() {
            // The change stream was opened before.
            intake.joined();
        }
        let listening = listen(signals, intake);
        (Outbox::start(node, Inserts(self.clone()), PACE, listening), inbox)
    }
}

struct Inserts(Mongo);

impl Carrier for Inserts {
    type Error = String;

    async fn carry(&self, packet: Vec<u8>) -> Result<(), String> {
        self.insert(packet).await.map_err(|error| match error.cause() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        })
    }
}

impl Inserts {
    async fn insert(&self, packet: Vec<u8>) -> Result<()> {
        let (db, topology) = self.0.database.ready()?;
        if topology == Topology::Standalone {
            return Ok(());
        }
        let signals = db.collection_with_options::<Document>(SIGNALS, fleeting());
        let packet = Binary { subtype: BinarySubtype::Generic, bytes: packet };
        timely(signals.insert_one(doc! { PACKET: packet })).await?;
        Ok(())
    }
}

async fn listen(mut signals: broadcast::Receiver<Signal>, intake: Intake) {
    loop {
        match signals.recv().await {
            Ok(Signal::Said(document)) => {
                if let Some(packet) = packet(&document) {
                    intake.packet(packet);
                }
            }
            Ok(Signal::Missed) => intake.joined(),
            // Their numbers will tell.
            Err(RecvError::Lagged(missed)) => tracing::debug!(missed, "signals come too fast"),
            Err(RecvError::Closed) => return,
        }
    }
}

fn packet(document: &RawDocument) -> Option<Vec<u8>> {
    Some(document.get_binary(PACKET).ok()?.bytes.to_vec())
}
