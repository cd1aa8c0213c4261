//! One handle of libuv, with what belongs to it.

use std::alloc::{alloc_zeroed, dealloc, handle_alloc_error, Layout};
use std::rc::Rc;

use super::uv::{Pointer, Uv};
use super::Inner;

/// A handle that is closed when this is dropped. It does not keep the process alive.
pub(super) struct Handle<D> {
    pointer: Pointer,
    data: Rc<Data<D>>,
}

struct Data<D> {
    event_loop: Rc<Inner>,
    layout: Layout,
    own: D,
}

/// More than any of its fields wants.
const ALIGNMENT: usize = 16;

impl<D: 'static> Handle<D> {
    /// `init` is the function of libuv that makes the memory a handle of this `kind`.
    pub fn new(
        event_loop: &Rc<Inner>,
        kind: i32,
        own: D,
        init: impl FnOnce(&Uv, Pointer) -> i32,
    ) -> std::io::Result<Handle<D>> {
        let uv = event_loop.uv;
        // SAFETY: it looks a number up.
        let size = unsafe { (uv.handle_size)(kind) };
        let layout = Layout::from_size_align(size, ALIGNMENT).map_err(std::io::Error::other)?;
        // SAFETY: no kind of handle has size 0.
        let pointer: Pointer = unsafe { alloc_zeroed(layout) }.cast();
        if pointer.is_null() {
            handle_alloc_error(layout);
        }
        let failed = init(uv, pointer);
        if failed != 0 {
            // SAFETY: as it was allocated; libuv knows nothing of a handle that it could not make.
            unsafe { dealloc(pointer.cast(), layout) };
            return Err(std::io::Error::from_raw_os_error(-failed));
        }
        let data = Rc::new(Data {
            event_loop: event_loop.clone(),
            layout,
            own,
        });
        event_loop.handles.set(event_loop.handles.get() + 1);
        // SAFETY: a handle that was made; its count of the data is given back when it has been closed.
        unsafe {
            (uv.set_data)(pointer, Rc::into_raw(data.clone()).cast_mut().cast());
            (uv.unref)(pointer);
        }
        Ok(Handle { pointer, data })
    }

    pub fn own(&self) -> &D {
        &self.data.own
    }

    pub fn pointer(&self) -> Pointer {
        self.pointer
    }

    pub fn event_loop(&self) -> &Inner {
        &self.data.event_loop
    }
}

impl<D> Drop for Handle<D> {
    fn drop(&mut self) {
        // SAFETY: a handle that is not closing yet, on the thread of its loop, which Rc does not leave.
        unsafe { (self.data.event_loop.uv.close)(self.pointer, closed::<D>) };
    }
}

/// Calls `with` with what belongs to the handle, which may be closed meanwhile.
///
/// # Safety
///
/// `pointer` is what libuv gives to a callback of a `Handle<D>`.
pub(super) unsafe fn of_callback<D>(pointer: Pointer, with: impl FnOnce(&Rc<Inner>, &D)) {
    // The process's libuv was found, or there would be no handle.
    let Some(uv) = Uv::of_process() else { return };
    let data: *const Data<D> = (uv.get_data)(pointer).cast_const().cast();
    Rc::increment_strong_count(data);
    let data = Rc::from_raw(data);
    with(&data.event_loop, &data.own);
}

/// libuv has let go of the handle.
unsafe extern "C" fn closed<D>(pointer: Pointer) {
    let Some(uv) = Uv::of_process() else { return };
    let data: Rc<Data<D>> = Rc::from_raw((uv.get_data)(pointer).cast_const().cast());
    dealloc(pointer.cast(), data.layout);
    data.event_loop.handle_closed();
}
