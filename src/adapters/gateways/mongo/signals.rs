//! Signals between nodes over the database itself: packets are inserted into the collection `signals` and come out of every
//! node's change stream.

use std::{sync::Arc, time::Duration};

use mongodb::bson::{Binary, Document, RawDocument, doc, spec::BinarySubtype};

use super::{Mongo, connect::Topology, errors::timely, nodes::fleeting, schema::SIGNALS};
use crate::{
    adapters::gateways::signals::outbox::{Carrier, Outbox},
    domain::{
        entities::ids::NodeId,
        error::{DomainError, Result},
    },
};

const PACKET: &str = "packet";

/// Time between two packets at least, in which company for the second one gathers: an insert costs the server more than a
/// frame.
const PACE: Duration = Duration::from_millis(5);

impl Mongo {
    /// What `node` says goes into the database. On a server without change streams there are no other nodes, and it goes
    /// nowhere.
    pub fn outbox(&self, node: NodeId) -> Arc<Outbox> {
        Outbox::start(node, Inserts(self.clone()), PACE)
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

/// The packet in a document of the collection `signals`.
///
/// # Errors
/// `Internal` when there is none.
pub(super) fn packet(document: &RawDocument) -> Result<Vec<u8>> {
    document.get_binary(PACKET).map(|packet| packet.bytes.to_vec()).map_err(DomainError::internal)
}
