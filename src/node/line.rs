//! How uploads are started from JavaScript's thread, and how it hears that they are done.
//!
//! A promise of napi's own has a threadsafe function of its own, which costs more than all else that
//! the thread does for a small put. All uploads of a thread share one.

use std::ffi::c_void;
use std::future::Future;
use std::sync::Arc;

use napi::bindgen_prelude::{spawn, within_runtime_if_available, FnArgs, Function, Status};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{check_status, sys, Env, JsValue};
use napi_derive::napi;

use crate::event_loop::{self, Answer, EventLoop};

type Arguments = FnArgs<Answer>;
type Done = ThreadsafeFunction<Arguments, (), Arguments, Status, false, true>;

/// Calls `done(id, answer)` for every call that was made with `id`.
#[napi]
pub struct Line {
    done: Arc<Done>,
    event_loop: Option<EventLoop>,
}

#[napi]
impl Line {
    /// `on_event_loop`: whether small uploads may run on this thread, which is so where its event loop
    /// is Node's own.
    #[napi(constructor)]
    pub fn new(
        env: &Env,
        done: Function<Arguments, ()>,
        on_event_loop: bool,
    ) -> napi::Result<Line> {
        // Without it all that changes is the thread.
        let event_loop = match on_event_loop && event_loop::is_there() {
            true => open_event_loop(env, &done).ok().flatten(),
            false => None,
        };
        let builder = done.build_threadsafe_function();
        let done = builder.callee_handled::<false>().weak::<true>().build()?;
        Ok(Line {
            done: Arc::new(done),
            event_loop,
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
    /// Runs `work`, on this thread where that is allowed and it `is_short`; its caller waits with `id`.
    pub(super) fn run<Work>(&self, id: u32, is_short: bool, work: impl FnOnce(Caller) -> Work)
    where
        Work: Future<Output = ()> + Send + 'static,
    {
        let caller = |way| Caller {
            way,
            id,
            answer: None,
        };
        match &self.event_loop {
            Some(event_loop) if is_short && event_loop.has_room() => {
                event_loop.run(work(caller(Way::EventLoop)));
            }
            _ => {
                spawn(work(caller(Way::Thread(self.done.clone()))));
            }
        }
    }
}

/// One who waits for an answer. It gets one in any case: nothing, if this is dropped without.
pub(super) struct Caller {
    way: Way,
    id: u32,
    answer: Option<String>,
}

enum Way {
    /// From the addon's thread to JavaScript's.
    Thread(Arc<Done>),
    /// On JavaScript's own.
    EventLoop,
}

impl Caller {
    pub fn tell(mut self, answer: String) {
        self.answer = Some(answer);
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let answer = (self.id, self.answer.take());
        match &self.way {
            Way::EventLoop => event_loop::answer(answer),
            Way::Thread(done) => {
                // Fails only where JavaScript's thread has ended.
                done.call(answer.into(), ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }
}

/// Nothing where this Node has no event loop that can be used.
fn open_event_loop(env: &Env, done: &Function<Arguments, ()>) -> napi::Result<Option<EventLoop>> {
    let mut uv_loop = std::ptr::null_mut();
    // SAFETY: on the thread of `env`.
    check_status!(unsafe { sys::napi_get_uv_event_loop(env.raw(), &mut uv_loop) })?;
    let listener = Listener::new(env, done)?;
    let runtime = within_runtime_if_available(tokio::runtime::Handle::current);
    // SAFETY: it is told only from the event loop of `env`, which is closed before `env` ends.
    let tell = move |answer| unsafe { listener.tell(answer) };
    // SAFETY: the loop of this thread; `env` waits for it to close.
    let opened = unsafe { EventLoop::open(uv_loop.cast(), runtime, tell) };
    if let Some(event_loop) = &opened {
        let kept = Box::into_raw(Box::new(event_loop.clone()));
        let hook = Some(close as unsafe extern "C" fn(_, _));
        let removal = std::ptr::null_mut();
        // SAFETY: `close` takes the box back, once.
        check_status!(unsafe {
            sys::napi_add_async_cleanup_hook(env.raw(), hook, kept.cast(), removal)
        })
        .inspect_err(|_| event_loop.close(|| {}))?;
    }
    Ok(opened)
}

/// JavaScript's environment ends, and waits until no handle is left in its event loop.
unsafe extern "C" fn close(hook: sys::napi_async_cleanup_hook_handle, kept: *mut c_void) {
    let event_loop = Box::from_raw(kept.cast::<EventLoop>());
    event_loop.close(move || {
        sys::napi_remove_async_cleanup_hook(hook);
    });
}

/// `done`, for calls from the event loop. It is kept as long as its environment.
struct Listener {
    env: sys::napi_env,
    done: sys::napi_ref,
    context: sys::napi_async_context,
}

impl Listener {
    fn new(env: &Env, done: &Function<Arguments, ()>) -> napi::Result<Listener> {
        let env = env.raw();
        let name = c"stateseal";
        let mut listener = Listener {
            env,
            done: std::ptr::null_mut(),
            context: std::ptr::null_mut(),
        };
        let mut text = std::ptr::null_mut();
        // SAFETY: on the thread of `env`, with a value of it.
        unsafe {
            check_status!(sys::napi_create_reference(
                env,
                done.raw(),
                1,
                &mut listener.done
            ))?;
            check_status!(sys::napi_create_string_utf8(
                env,
                name.as_ptr(),
                name.count_bytes() as isize,
                &mut text
            ))?;
            check_status!(sys::napi_async_init(
                env,
                std::ptr::null_mut(),
                text,
                &mut listener.context
            ))?;
        }
        Ok(listener)
    }

    /// Calls `done`, and what waits for its promise. What fails here has failed for all of JavaScript:
    /// its environment is ending.
    ///
    /// # Safety
    ///
    /// On the thread of the environment, which has not ended, and with no JavaScript running.
    unsafe fn tell(&self, answer: Answer) {
        let env = self.env;
        let mut handles = std::ptr::null_mut();
        let mut callback = std::ptr::null_mut();
        if sys::napi_open_handle_scope(env, &mut handles) != sys::Status::napi_ok {
            return;
        }
        let none = std::ptr::null_mut();
        // When it closes, promises go on. Nothing of what they throw ends up here.
        let opened = sys::napi_open_callback_scope(env, none, self.context, &mut callback);
        if opened == sys::Status::napi_ok {
            self.call(answer);
            sys::napi_close_callback_scope(env, callback);
        }
        sys::napi_close_handle_scope(env, handles);
    }

    unsafe fn call(&self, (id, answer): Answer) {
        let env = self.env;
        let mut function = std::ptr::null_mut();
        let mut receiver = std::ptr::null_mut();
        let mut arguments = [std::ptr::null_mut(); 2];
        let mut result = std::ptr::null_mut();
        sys::napi_get_reference_value(env, self.done, &mut function);
        sys::napi_get_undefined(env, &mut receiver);
        sys::napi_create_uint32(env, id, &mut arguments[0]);
        match &answer {
            // The faster function, for what is one byte a character.
            Some(text) if text.is_ascii() => sys::napi_create_string_latin1(
                env,
                text.as_ptr().cast(),
                text.len() as isize,
                &mut arguments[1],
            ),
            Some(text) => sys::napi_create_string_utf8(
                env,
                text.as_ptr().cast(),
                text.len() as isize,
                &mut arguments[1],
            ),
            None => sys::napi_get_null(env, &mut arguments[1]),
        };
        let called = sys::napi_call_function(
            env,
            receiver,
            function,
            arguments.len(),
            arguments.as_ptr(),
            &mut result,
        );
        if called == sys::Status::napi_pending_exception {
            let mut thrown = std::ptr::null_mut();
            sys::napi_get_and_clear_last_exception(env, &mut thrown);
            sys::napi_fatal_exception(env, thrown);
        }
    }
}
