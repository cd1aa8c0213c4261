//! How JavaScript's thread hears that an upload is done.
//!
//! A promise of napi's own has a threadsafe function of its own, which costs more than all else that
//! the thread does for a small put. All uploads of a thread share one.

use std::sync::Arc;

use napi::bindgen_prelude::{FnArgs, Function, Status};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{check_status, sys, Env};
use napi_derive::napi;

type Answer = FnArgs<(u32, Option<String>)>;
type Done = ThreadsafeFunction<Answer, (), Answer, Status, false, true>;

/// Calls `done(id, answer)` for every call that was made with `id`.
#[napi]
pub struct Line {
    done: Arc<Done>,
}

#[napi]
impl Line {
    #[napi(constructor)]
    pub fn new(done: Function<Answer, ()>) -> napi::Result<Line> {
        let builder = done.build_threadsafe_function();
        let done = builder.callee_handled::<false>().weak::<true>().build()?;
        Ok(Line {
            done: Arc::new(done),
        })
    }

    /// From now on the process does not end of itself: an answer is to come.
    #[napi]
    pub fn hold(&self, env: &Env) -> napi::Result<()> {
        // SAFETY: on the thread of the function's own environment, and the function lives as long as `self`.
        check_status!(unsafe { sys::napi_ref_threadsafe_function(env.raw(), self.done.raw()) })
    }

    /// No answer is to come.
    #[napi]
    pub fn release(&self, env: &Env) -> napi::Result<()> {
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), self.done.raw()) })
    }
}

impl Line {
    pub(super) fn caller(&self, id: u32) -> Caller {
        Caller {
            done: self.done.clone(),
            id,
            answer: None,
        }
    }
}

/// One who waits for an answer. It gets one in any case: nothing, if this is dropped without.
pub(super) struct Caller {
    done: Arc<Done>,
    id: u32,
    answer: Option<String>,
}

impl Caller {
    pub fn tell(mut self, answer: String) {
        self.answer = Some(answer);
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let answer = (self.id, self.answer.take()).into();
        // Fails only where JavaScript's thread has ended.
        self.done
            .call(answer, ThreadsafeFunctionCallMode::NonBlocking);
    }
}
