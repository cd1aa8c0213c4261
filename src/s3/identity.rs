//! The caller's identity, asked for once and again before it ends.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{future, ProvideCredentials, SharedCredentialsProvider};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::identity::Identity as Signer;
use tokio::sync::Mutex;

use crate::event_loop;

/// As in JavaScript: renewed five minutes before it ends.
const BEFORE_END: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(super) struct Identity {
    provider: SharedCredentialsProvider,
    /// As what signs requests takes them.
    kept: Mutex<Option<Signer>>,
}

impl Identity {
    pub fn new(provider: SharedCredentialsProvider) -> Identity {
        Identity {
            provider,
            kept: Mutex::default(),
        }
    }

    pub async fn get(&self) -> Result<Signer, CredentialsError> {
        // Held while the provider is asked: uploads that wait share one answer.
        let mut kept = self.kept.lock().await;
        let now = SystemTime::now();
        let lasts = |known: &Signer, margin: Duration| {
            known.expiration().is_none_or(|end| now + margin < end)
        };
        if let Some(known) = kept.as_ref().filter(|known| lasts(known, BEFORE_END)) {
            return Ok(known.clone());
        }
        match Box::pin(self.ask()).await {
            Ok(credentials) => {
                let signer = Signer::from(credentials);
                *kept = Some(signer.clone());
                Ok(signer)
            }
            // A provider that fails for a moment does no harm while the old ones hold.
            Err(error) => match kept.as_ref().filter(|known| lasts(known, Duration::ZERO)) {
                Some(known) => Ok(known.clone()),
                None => Err(error),
            },
        }
    }
}

impl Identity {
    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        if event_loop::current().is_none() {
            return self.provider.provide_credentials().await;
        }
        // Metadata services are given a second, and JavaScript's thread may be busy for longer.
        let provider = self.provider.clone();
        let asking = tokio::spawn(async move { provider.provide_credentials().await });
        asking.await.map_err(CredentialsError::provider_error)?
    }
}

/// For the SDK's client, so that both ask once.
#[derive(Debug, Clone)]
pub(super) struct Shared(pub std::sync::Arc<Identity>);

impl ProvideCredentials for Shared {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let signer = self.0.get().await?;
            let credentials = signer.data::<Credentials>().cloned();
            credentials.ok_or_else(|| CredentialsError::not_loaded("no credentials"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::Arc;

    #[derive(Debug, Default)]
    struct Counting {
        asked: Arc<AtomicU32>,
        lasts: Option<Duration>,
    }

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let first = self.asked.fetch_add(1, Ordering::Relaxed) == 0;
            future::ProvideCredentials::ready(match first {
                true => {
                    let end = self.lasts.map(|lasts| SystemTime::now() + lasts);
                    Ok(Credentials::new("A", "s", None, end, "test"))
                }
                false => Err(CredentialsError::not_loaded("no more")),
            })
        }
    }

    #[test]
    fn asked_again_only_near_the_end() {
        let minutes = |n: u64| Some(Duration::from_secs(n * 60));
        for (lasts, asked, second) in [
            (None, 1, true),
            (minutes(6), 1, true),
            (minutes(4), 2, true),
            (minutes(0), 2, false),
        ] {
            let provider = Counting {
                lasts,
                ..Default::default()
            };
            let count = provider.asked.clone();
            let identity = Identity::new(SharedCredentialsProvider::new(provider));
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime.expect("a runtime").block_on(async {
                assert!(identity.get().await.is_ok());
                assert_eq!(identity.get().await.is_ok(), second, "{lasts:?}");
            });
            assert_eq!(count.load(Ordering::Relaxed), asked, "{lasts:?}");
        }
    }
}
