//! Search in the index of tokens, whose order within a conversation and a token is that of the ids.
//!
//! The index answers one word or one beginning of a word; whether the others occur is asked of each message that it gives.
//! So the one that occurs the least is looked up. A beginning of which there are many is not looked up at all: then the
//! newest messages are gone through, for the hits are near.

use std::cmp::Reverse;

use mongodb::{
    bson::{Bson, Document, RawDocumentBuf, doc},
    options::{FindOptions, Hint},
};
use serde::Deserialize;

use super::{
    conversations::ids_of,
    errors::Failure,
    messages::without_tokens,
    reads::Reads,
    rows::{self, ANY_TOKEN},
    schema::{MESSAGES, MESSAGES_BY_TOKEN, MESSAGES_WITH_FILES},
    values::{Id, Key, time},
    views,
};
use crate::domain::{
    entities::{
        ids::{ConversationId, MessageId, UserId},
        message::Message,
        search_text::SearchQuery,
    },
    error::{DomainError, Result},
    interfaces::message_repository::{Has, SearchFilter, SearchPage},
};

/// Of so many conversations at once the server merges the hits in their order, instead of sorting all of them.
const CONVERSATIONS: usize = 100;

/// What occurs more often than this is common.
const COMMON: i64 = 2_500;

/// How many words are counted. The longest ones: those occur the least.
const COUNTED: usize = 8;

/// How long the newest messages are gone through, for hits that are not near after all.
const WALK: std::time::Duration = std::time::Duration::from_secs(1);

/// How many messages are gone through where there are no words, before the page ends.
const WALKED: i64 = 20_000;

/// The server has given up, as it was told to (MaxTimeMSExpired).
const TOO_LONG: i32 = 50;

/// Where a page goes on: after the message of this id.
///
/// # Errors
/// `Invalid` naming `cursor`.
pub(super) fn cursor(text: &str) -> Result<MessageId> {
    text.parse().map_err(|_| DomainError::invalid("cursor", "is not one that this server gave"))
}

pub(super) async fn search(
    reads: &mut Reads<'_>,
    user: UserId,
    query: &SearchQuery,
    wanted: SearchFilter,
    before: Option<MessageId>,
    limit: u32,
) -> Result<SearchPage, Failure> {
    let mut mine = ids_of(reads, &[user]).await?.remove(&user).unwrap_or_default();
    if let Some(conversation) = wanted.conversation {
        mine.retain(|id| *id == conversation);
    }
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let mut search = Search { terms: terms(query), wanted, before, limit };
    let mut hits = Vec::new();
    if query.is_anything() {
        return search.wordless(reads, &mine).await;
    }
    if let Some(common) = search.find_rarest(reads, &mine).await? {
        for some in mine.chunks(CONVERSATIONS) {
            for hit in search.hits(reads, some, common).await? {
                hits.push(rows::message(&hit)?);
            }
        }
    }
    Ok(page(hits, limit, None))
}

/// The newest of the hits; `stop` is where the next page goes on when they are all.
fn page(mut hits: Vec<Message>, limit: usize, stop: Option<MessageId>) -> SearchPage {
    hits.sort_unstable_by_key(|hit| Reverse(hit.id));
    let more = hits.len() > limit;
    hits.truncate(limit);
    let last = hits.last().filter(|_| more).map(|hit| hit.id);
    SearchPage { messages: hits, next: last.or(stop).map(|id| id.to_string()) }
}

/// What must occur.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Word(String),
    Prefix(String),
}

/// Long ones first.
fn terms(query: &SearchQuery) -> Vec<Term> {
    let words = query.words().iter().cloned().map(Term::Word);
    let mut terms: Vec<Term> = words.chain(query.prefixes().iter().cloned().map(Term::Prefix)).collect();
    terms.sort_by_key(|term| Reverse(term.text().len()));
    terms
}

impl Term {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Prefix(text) => text,
        }
    }

    /// The same as [`Term::condition`], for which the server needs nothing but the index. Tokens hold nothing that has a
    /// meaning in an expression.
    fn counted(&self) -> Document {
        match self {
            Self::Word(word) => doc! { "tokens": word },
            Self::Prefix(prefix) => doc! { "tokens": { "$regex": format!("^{prefix}") } },
        }
    }

    fn condition(&self) -> Document {
        match self {
            Self::Word(word) => doc! { "tokens": word },
            // Both bounds are for the same token. Nothing sorts after the greatest character, which no token has.
            Self::Prefix(prefix) => {
                let end = format!("{prefix}\u{10ffff}");
                doc! { "tokens": { "$elemMatch": { "$gte": prefix, "$lt": end } } }
            }
        }
    }
}

struct Search {
    /// The first one is looked up.
    terms: Vec<Term>,
    wanted: SearchFilter,
    before: Option<MessageId>,
    limit: usize,
}

impl Search {
    /// Puts what occurs the least first; whether even that is common. `None` when something does not occur at all.
    async fn find_rarest(
        &mut self,
        reads: &mut Reads<'_>,
        conversations: &[ConversationId],
    ) -> Result<Option<bool>, Failure> {
        if conversations.is_empty() {
            return Ok(None);
        }
        if let [Term::Word(_)] = self.terms.as_slice() {
            // The hits come in their order, however many there are.
            return Ok(Some(false));
        }
        let counts = self.counts(reads, conversations).await?;
        let rarest = counts.iter().enumerate().min_by_key(|(_, count)| **count);
        let Some((place, count)) = rarest.filter(|(_, count)| **count > 0) else { return Ok(None) };
        let is_common = *count >= COMMON;
        // Of what is common a word is better: its messages come in their order.
        let word = self.terms.iter().position(|term| matches!(term, Term::Word(_)));
        let place = if is_common { word.unwrap_or(place) } else { place };
        self.terms.swap(0, place);
        Ok(Some(is_common))
    }

    /// How often the first terms occur, as far as that matters.
    async fn counts(
        &self,
        reads: &mut Reads<'_>,
        conversations: &[ConversationId],
    ) -> Result<Vec<i64>, Failure> {
        #[derive(Deserialize)]
        struct Count {
            term: usize,
            count: i64,
        }
        let conversations = views::list(conversations);
        let parts = self.terms.iter().take(COUNTED).enumerate().map(|(place, term)| {
            let mut filter = doc! { "conversation": { "$in": &conversations } };
            filter.extend(term.counted());
            let count = vec![
                doc! { "$match": filter },
                doc! { "$limit": COMMON },
                doc! { "$count": "count" },
                doc! { "$set": { "term": i64::try_from(place).unwrap_or(0) } },
            ];
            (MESSAGES, count)
        });
        let parts = parts.collect();
        let mut counts = vec![0; self.terms.len().min(COUNTED)];
        for document in reads.union(parts).await? {
            let found: Count = rows::read(&document)?;
            if let Some(count) = counts.get_mut(found.term) {
                *count = found.count;
            }
        }
        Ok(counts)
    }

    /// The newest hits in some conversations, one more than are wanted.
    async fn hits(
        &self,
        reads: &mut Reads<'_>,
        conversations: &[ConversationId],
        common: bool,
    ) -> Result<Vec<RawDocumentBuf>, Failure> {
        let Some((first, others)) = self.terms.split_first() else { return Ok(Vec::new()) };
        let walk = common && matches!(first, Term::Prefix(_));
        if walk {
            let any = Term::Word(ANY_TOKEN.to_owned());
            let walked = self.find(reads, conversations, &any, &self.terms, Some(WALK)).await;
            match walked {
                Err(failure) if failure.code() == Some(TOO_LONG) => {}
                walked => return walked,
            }
        }
        self.find(reads, conversations, first, others, None).await
    }

    async fn find(
        &self,
        reads: &mut Reads<'_>,
        conversations: &[ConversationId],
        first: &Term,
        others: &[Term],
        most: Option<std::time::Duration>,
    ) -> Result<Vec<RawDocumentBuf>, Failure> {
        let mut filter = self.place(conversations);
        filter.extend(first.condition());
        filter.extend(self.narrow());
        if !others.is_empty() {
            // Twice denied, so that the server does not take it for what to look up.
            let others = others.iter().map(|term| doc! { "$nor": [{ "$nor": [term.condition()] }] });
            filter.insert("$and", others.map(Bson::Document).collect::<Vec<_>>());
        }
        self.found(reads, filter, MESSAGES_BY_TOKEN, most).await
    }

    /// The newest of what the filter fits, one more than are wanted.
    async fn found(
        &self,
        reads: &mut Reads<'_>,
        filter: Document,
        index: &str,
        most: Option<std::time::Duration>,
    ) -> Result<Vec<RawDocumentBuf>, Failure> {
        let options = FindOptions::builder()
            .sort(doc! { "_id": -1 })
            .limit(self.most())
            .projection(without_tokens())
            .hint(Hint::Name(index.to_owned()))
            .max_time(most)
            .build();
        Ok(reads.find(MESSAGES, filter, Some(options)).await?)
    }

    /// One more than are wanted.
    fn most(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    fn place(&self, conversations: &[ConversationId]) -> Document {
        let mut place = doc! { "conversation": { "$in": views::list(conversations) } };
        if let Some(before) = self.before {
            place.insert("_id", doc! { "$lt": before.bson() });
        }
        place
    }

    /// The newest messages that fit, where there are no words.
    async fn wordless(&self, reads: &mut Reads<'_>, mine: &[ConversationId]) -> Result<SearchPage, Failure> {
        let (mut hits, mut stop) = (Vec::new(), None);
        for some in mine.chunks(CONVERSATIONS) {
            let found = if matches!(self.wanted.has, Some(Has::File | Has::Kind(_))) {
                let mut filter = self.place(some);
                filter.insert("attachments", doc! { "$exists": true });
                filter.extend(self.narrow());
                self.found(reads, filter, MESSAGES_WITH_FILES, None).await?
            } else {
                let (found, end) = self.walk(reads, some).await?;
                stop = stop.max(end);
                found
            };
            for hit in &found {
                hits.push(rows::message(hit)?);
            }
        }
        // Nothing below that is known of all conversations.
        hits.retain(|hit: &Message| stop.is_none_or(|stop| hit.id >= stop));
        Ok(page(hits, self.limit, stop))
    }

    /// Goes through the newest messages; where it ended before it found enough.
    async fn walk(
        &self,
        reads: &mut Reads<'_>,
        conversations: &[ConversationId],
    ) -> Result<(Vec<RawDocumentBuf>, Option<MessageId>), Failure> {
        #[derive(Deserialize)]
        struct Last {
            #[serde(rename = "_id")]
            id: Key<MessageId>,
        }
        let mut place = self.place(conversations);
        place.extend(match self.wanted.has {
            Some(Has::Link) => doc! { "tokens": { "$in": Has::LINK_TOKENS.to_vec() } },
            _ => doc! { "tokens": ANY_TOKEN },
        });
        let newest = |limit: i64| {
            [doc! { "$match": &place }, doc! { "$sort": { "_id": -1 } }, doc! { "$limit": limit }]
        };
        let mut pipeline = newest(WALKED).to_vec();
        pipeline.push(doc! { "$match": self.narrow() });
        pipeline.push(doc! { "$limit": self.most() });
        pipeline.push(doc! { "$unset": "tokens" });
        let found = reads.aggregate(MESSAGES, pipeline).await?;
        if found.len() > self.limit {
            return Ok((found, None));
        }
        let mut pipeline = newest(WALKED).to_vec();
        pipeline.extend([doc! { "$skip": WALKED - 1 }, doc! { "$project": { "_id": 1 } }]);
        let last = reads.aggregate(MESSAGES, pipeline).await?;
        let last = last.first().map(|last| rows::read::<Last>(last)).transpose()?;
        Ok((found, last.map(|last| last.id.0)))
    }

    /// What hits are besides having the words.
    fn narrow(&self) -> Document {
        let mut filter = Document::new();
        if let Some(sender) = self.wanted.sender {
            filter.insert("sender", sender.bson());
        }
        let bounds = [("$gte", self.wanted.since), ("$lt", self.wanted.until)];
        let bounds: Document =
            bounds.into_iter().filter_map(|(bound, at)| at.map(|at| (bound.to_owned(), time(at)))).collect();
        if !bounds.is_empty() {
            filter.insert("createdAt", bounds);
        }
        match self.wanted.has {
            None => {}
            Some(Has::File) => drop(filter.insert("attachments.0", doc! { "$exists": true })),
            Some(Has::Kind(kind)) => drop(filter.insert("attachments.kind", kind.as_str())),
            Some(Has::Link) => {
                drop(filter.insert("body", doc! { "$regex": r"(^|[^\p{L}\p{N}])https?://", "$options": "i" }))
            }
        }
        filter
    }
}
