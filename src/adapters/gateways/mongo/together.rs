//! Questions that many ask at once, such as all who come back after a node died: whoever asks while others are being
//! answered is put to the database together with all who wait by then. Whoever asks alone is answered at once.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use tokio::sync::{Semaphore, oneshot};

use super::{errors::within, reach::PLACES};
use crate::domain::error::{DomainError, Result};

/// So many batches are under way at once: a slow one does not hold up all, and what waits is worth its round trip.
const BATCHES: usize = 2;

/// Questions in one batch, at most.
const MOST: usize = 64;

/// How long a batch of several may take before each is asked alone, and how many of those at once.
const TOGETHER: Duration = Duration::from_secs(2);
const ALONE: usize = 16;

/// Questions of one kind. Clones share them.
pub(super) struct Together<Q, A> {
    state: Arc<Mutex<State<Q, A>>>,
    /// For those who wait.
    places: Arc<Semaphore>,
}

struct State<Q, A> {
    waiting: Vec<(Q, oneshot::Sender<Result<A>>)>,
    batches: usize,
}

impl<Q, A> Default for Together<Q, A> {
    fn default() -> Self {
        let state = Arc::new(Mutex::new(State { waiting: Vec::new(), batches: 0 }));
        Self { state, places: Arc::new(Semaphore::new(PLACES)) }
    }
}

impl<Q, A> Clone for Together<Q, A> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), places: Arc::clone(&self.places) }
    }
}

impl<Q: Clone + Send + 'static, A: Send + 'static> Together<Q, A> {
    /// What `answer` says, which is given several questions and answers each of them, in their order. It begins after
    /// this was called, so that what was written before is seen.
    ///
    /// # Errors
    /// Those of `answer`; `Unavailable` when it takes too long, or too many wait.
    pub async fn ask<F>(&self, question: Q, answer: F) -> Result<A>
    where
        F: Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>>> + Send + Sync + 'static,
    {
        let too_many = |_| DomainError::unavailable("too much waits for the database");
        let _place = self.places.try_acquire().map_err(too_many)?;
        let (tell, told) = oneshot::channel();
        let begins = {
            let mut state = self.state();
            state.waiting.push((question, tell));
            let begins = state.batches < BATCHES;
            state.batches += usize::from(begins);
            begins
        };
        if begins {
            // Not by whoever asks: they may go while the others wait.
            tokio::spawn(self.clone().work(answer));
        }
        let told = async { told.await.map_err(|_| DomainError::internal("nobody answered").into()) };
        within::<Result<A>>(told).await.map_err(DomainError::from)?
    }

    async fn work<F>(self, answer: F)
    where
        F: Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>>> + Send + Sync,
    {
        while let Some(batch) = self.next() {
            // Whoever waits is told by the loss of the sender.
            let answered = AssertUnwindSafe(Self::answer(batch, &answer)).catch_unwind().await;
            if answered.is_err() {
                tracing::error!("a batch of questions panicked");
            }
        }
    }

    /// Those who wait still. `None` ends the batch, under the lock under which others begin.
    fn next(&self) -> Option<Vec<(Q, oneshot::Sender<Result<A>>)>> {
        let mut state = self.state();
        state.waiting.retain(|(_, tell)| !tell.is_closed());
        if state.waiting.is_empty() {
            state.batches -= 1;
            return None;
        }
        let most = state.waiting.len().min(MOST);
        Some(state.waiting.drain(..most).collect())
    }

    async fn answer<F>(batch: Vec<(Q, oneshot::Sender<Result<A>>)>, answer: &F)
    where
        F: Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>>> + Send + Sync,
    {
        if let [_, _, ..] = batch.as_slice() {
            let questions = batch.iter().map(|(question, _)| question.clone()).collect();
            // What is wrong with one, or takes long, is not to be the others' fault.
            if let Ok(Ok(answers)) = tokio::time::timeout(TOGETHER, answer(questions)).await {
                for ((_, tell), answer) in batch.into_iter().zip(answers) {
                    drop(tell.send(Ok(answer)));
                }
                return;
            }
        }
        stream::iter(batch)
            .for_each_concurrent(ALONE, |(question, tell)| Self::alone(question, tell, answer))
            .await;
    }

    async fn alone<F>(question: Q, tell: oneshot::Sender<Result<A>>, answer: &F)
    where
        F: Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>>> + Send + Sync,
    {
        if tell.is_closed() {
            return;
        }
        let unanswered = || DomainError::internal("a question without an answer");
        let answers = answer(vec![question]).await;
        drop(tell.send(answers.and_then(|mut answers| answers.pop().ok_or_else(unanswered))));
    }

    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Asked = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Doubles what it is asked when it gets a permit; 13 is asked in vain, and 99 never answered.
    fn doubling(
        asked: &Asked,
        permits: &Arc<Semaphore>,
    ) -> impl Fn(Vec<u32>) -> BoxFuture<'static, Result<Vec<u32>>> + Send + Sync + use<> {
        let (asked, permits) = (Arc::clone(asked), Arc::clone(permits));
        move |questions| {
            asked.lock().unwrap().push(questions.clone());
            let permits = Arc::clone(&permits);
            Box::pin(async move {
                if questions.contains(&99) {
                    std::future::pending::<()>().await;
                }
                permits.acquire().await.unwrap().forget();
                if questions.contains(&13) {
                    return Err(DomainError::internal("13"));
                }
                Ok(questions.into_iter().map(|question| 2 * question).collect())
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_asked_for_together() {
        let (asked, permits) = (Asked::default(), Arc::new(Semaphore::new(0)));
        let together = Together::default();
        let ask = async |question| together.ask(question, doubling(&asked, &permits)).await.unwrap();
        let mut first = Vec::new();
        for question in 1..=BATCHES {
            let mut ask = Box::pin(ask(question as u32));
            assert!(futures_util::poll!(&mut ask).is_pending());
            tokio::task::yield_now().await;
            first.push(ask);
        }
        assert_eq!(asked.lock().unwrap().len(), BATCHES, "nobody waits");
        let release = async {
            assert_eq!(asked.lock().unwrap().len(), BATCHES, "they wait");
            permits.add_permits(10);
        };
        let others = futures_util::future::join_all([11, 12, 14, 15].map(ask));
        let (first, others, ()) = tokio::join!(futures_util::future::join_all(first), others, release);
        assert_eq!((first, others), (vec![2, 4], vec![22, 24, 28, 30]));
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked[BATCHES..], [[11, 12, 14, 15]]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_fault_of_one_is_not_the_others_and_who_has_gone_is_not_asked_for() {
        let (asked, permits) = (Asked::default(), Arc::new(Semaphore::new(0)));
        let together = Together::default();
        let ask = |question| together.ask(question, doubling(&asked, &permits));
        let (first, second) = (ask(1), ask(2));
        tokio::pin!(first, second);
        for begun in [&mut first, &mut second] {
            assert!(futures_util::poll!(begun).is_pending());
            tokio::task::yield_now().await;
        }
        {
            let gone = ask(7);
            tokio::pin!(gone);
            assert!(futures_util::poll!(&mut gone).is_pending());
        }
        permits.add_permits(10);
        let (wrong, right) = tokio::join!(ask(13), ask(5));
        assert!(matches!(wrong, Err(DomainError::Internal(_))), "{wrong:?}");
        assert_eq!(right.unwrap(), 10);
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (2, 4));
        assert!(!asked.lock().unwrap().concat().contains(&7));
        assert_eq!(ask(6).await.unwrap(), 12, "and so it goes on");
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowness_of_one_is_not_the_others() {
        let (asked, permits) = (Asked::default(), Arc::new(Semaphore::new(10)));
        let together = Together::default();
        let ask = |question| together.ask(question, doubling(&asked, &permits));
        let (slow, quick, other) = tokio::join!(ask(99), ask(5), ask(6));
        assert!(matches!(slow, Err(DomainError::Unavailable { .. })), "{slow:?}");
        assert_eq!((quick.unwrap(), other.unwrap()), (10, 12));
        assert!(asked.lock().unwrap().iter().any(|batch| batch.len() > 1), "{asked:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (asked, permits) = (Asked::default(), Arc::new(Semaphore::new(0)));
        let answer = Together::default().ask(1, doubling(&asked, &permits)).await;
        assert!(matches!(answer, Err(DomainError::Unavailable { .. })), "{answer:?}");
    }
}
