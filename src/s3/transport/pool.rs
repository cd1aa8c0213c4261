//! Open connections to servers: kept between requests, and never more than so many to one server.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::SdkBody;
use http::uri::{Authority, Scheme};
use hyper::client::conn::http1::SendRequest;
use tokio::sync::Notify;

/// Where a connection's socket is watched, and so where its requests are best made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// On the addon's own thread.
    Runtime,
    /// On a thread of JavaScript, by the event loop of this number.
    EventLoop(u64),
}

/// To one server: as many sockets as the SDK's agent has.
pub(super) const MOST: usize = 50;

/// A connection that nobody used for so long may be dead without our knowing.
const KEPT_IDLE: Duration = Duration::from_secs(90);

/// Until a connection takes the next request: longer only where the server does not read the last one.
const PATIENCE: Duration = Duration::from_millis(250);

/// Servers that are remembered; beyond it those without connections are not.
const SERVERS: usize = 64;

type Origin = (Scheme, Authority);

#[derive(Default)]
pub(super) struct Pool {
    servers: Mutex<HashMap<Origin, Arc<Server>>>,
}

impl Pool {
    pub fn server(&self, scheme: &Scheme, authority: &Authority) -> Arc<Server> {
        let origin = (scheme.clone(), authority.clone());
        let mut servers = lock(&self.servers);
        if servers.len() >= SERVERS && !servers.contains_key(&origin) {
            servers.retain(|_, server| lock(&server.state).open > 0);
        }
        servers.entry(origin).or_default().clone()
    }
}

#[derive(Default)]
pub(super) struct Server {
    state: Mutex<State>,
    /// A connection was given back, or closed.
    freed: Notify,
}

#[derive(Default)]
struct State {
    open: usize,
    /// The one used last is at the end.
    idle: Vec<Idle>,
}

struct Idle {
    sender: SendRequest<SdkBody>,
    home: Home,
    since: Instant,
}

/// What a request is sent over.
pub(super) enum Place {
    Connection(Lease),
    /// No connection is free, and one more may be opened.
    Seat(Seat),
}

impl Server {
    /// Waits until there is a place for a request that is made at `home`.
    pub async fn place(self: &Arc<Server>, home: Home) -> Place {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            // From here on nothing that is freed goes unnoticed.
            freed.as_mut().enable();
            match self.take(home) {
                Some(Place::Connection(mut lease)) => {
                    let ready = poll_fn(|context| lease.sender.poll_ready(context));
                    if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, ready).await {
                        return Place::Connection(lease);
                    }
                }
                Some(seat) => return seat,
                None => freed.await,
            }
        }
    }

    fn take(self: &Arc<Server>, home: Home) -> Option<Place> {
        let mut state = lock(&self.state);
        state
            .idle
            .retain(|idle| !idle.sender.is_closed() && idle.since.elapsed() < KEPT_IDLE);
        if let Some(at) = state.idle.iter().rposition(|idle| idle.home == home) {
            let idle = state.idle.remove(at);
            return Some(Place::Connection(Lease::new(self, idle.sender, home)));
        }
        if state.open < MOST {
            state.open += 1;
            return Some(Place::Seat(Seat {
                server: Arc::downgrade(self),
            }));
        }
        // One of another home makes room as soon as its socket is closed.
        let elsewhere = (!state.idle.is_empty()).then(|| state.idle.remove(0));
        drop(state);
        drop(elsewhere);
        None
    }
}

/// The right to one open connection: to be held until its socket is closed.
pub(super) struct Seat {
    server: Weak<Server>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(server) = self.server.upgrade() {
            lock(&server.state).open -= 1;
            server.freed.notify_one();
        }
    }
}

/// A connection that one request has for itself. Dropped, it is closed.
pub(super) struct Lease {
    pub sender: SendRequest<SdkBody>,
    home: Home,
    server: Arc<Server>,
}

impl Lease {
    pub fn new(server: &Arc<Server>, sender: SendRequest<SdkBody>, home: Home) -> Lease {
        Lease {
            sender,
            home,
            server: server.clone(),
        }
    }

    /// The whole answer was read: the next request may have the connection.
    pub fn give_back(self) {
        if self.sender.is_closed() {
            return;
        }
        lock(&self.server.state).idle.push(Idle {
            sender: self.sender,
            home: self.home,
            since: Instant::now(),
        });
        self.server.freed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seat(server: &Arc<Server>) -> Seat {
        match server.place(Home::Runtime).await {
            Place::Seat(seat) => seat,
            Place::Connection(_) => unreachable!("none was given back"),
        }
    }

    #[tokio::test]
    async fn no_more_connections_than_seats_and_nobody_waits_in_vain() {
        let server = Arc::new(Server::default());
        let mut seats = Vec::new();
        for _ in 0..MOST {
            seats.push(seat(&server).await);
        }
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let server = server.clone();
                tokio::spawn(async move { seat(&server).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
        // It is told first, and gone when that is so.
        waiting[0].abort();
        seats.truncate(MOST - 2);
        let mut got = 0;
        for waiting in waiting {
            got += usize::from(waiting.await.is_ok());
        }
        assert_eq!(got, 2);
    }

    #[tokio::test]
    async fn a_server_without_connections_is_forgotten_when_there_are_many() {
        let pool = Pool::default();
        let server = |n: usize| {
            let authority: Authority = format!("b{n}.example.com").parse().expect("a host");
            pool.server(&Scheme::HTTP, &authority)
        };
        let used = server(0);
        let seat = seat(&used).await;
        for n in 1..3 * SERVERS {
            server(n);
        }
        assert!(lock(&pool.servers).len() <= SERVERS);
        assert!(Arc::ptr_eq(&used, &server(0)));
        drop(seat);
    }
}
