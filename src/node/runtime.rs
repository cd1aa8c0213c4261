//! The tokio runtime: small, and started when the binding is loaded, which is on first use.

/// Requests wait on the network, not on a core; each further thread only costs start-up time.
const WORKERS: usize = 1;

#[napi_derive::module_init]
fn start() {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(4)
        .thread_name("stateseal")
        .enable_all()
        .build();
    if let Ok(runtime) = built {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
}
