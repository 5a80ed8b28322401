//! The page's routes and navigation. A routing crate does not pay for five routes: it would weigh more than all of our own pages.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent, ScrollRestoration, UrlSearchParams};

/// A page of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// All pictures, or those of an album: the gallery's filter says which.
    Gallery,
    Albums,
    Image(Uuid),
    Settings,
    Trash,
    LogIn,
    Register,
    #[cfg(feature = "design")]
    Design,
    NotFound,
}

impl Route {
    /// The route of a path with its query.
    fn of(address: &str) -> Self {
        Self::parse(address.split('?').next().unwrap_or_default())
    }

    fn parse(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let image = path.strip_prefix("/images/").and_then(|id| id.parse().ok());
        match (path, image) {
            (_, Some(id)) => Self::Image(id),
            _ if album_of(path).is_some() => Self::Gallery,
            ("", None) => Self::Gallery,
            (ALBUMS, None) => Self::Albums,
            ("/settings", None) => Self::Settings,
            ("/trash", None) => Self::Trash,
            ("/login", None) => Self::LogIn,
            ("/register", None) => Self::Register,
            #[cfg(feature = "design")]
            ("/design", None) => Self::Design,
            _ => Self::NotFound,
        }
    }
}

/// The address of the gallery.
pub const GALLERY: &str = "/";

/// The address of the list of albums.
pub const ALBUMS: &str = "/albums";

/// The address of an album.
pub fn album_address(id: Uuid) -> String {
    [ALBUMS, "/", &id.to_string()].concat()
}

/// The album that an address leads to.
pub fn album_of(address: &str) -> Option<Uuid> {
    let path = address.split('?').next()?.trim_end_matches('/');
    let id = path.strip_prefix(ALBUMS)?.strip_prefix('/')?;
    id.parse().ok()
}

/// The address of an image's view.
pub fn image_address(id: Uuid) -> String {
    format!("/images/{id}")
}

/// The current location. Copies share it.
#[derive(Clone, Copy)]
pub struct Router {
    /// The path with the query.
    address: RwSignal<String>,
    route: Memo<Route>,
}

/// Handles links and the browser's buttons, and provides the router to everything below.
pub fn provide_router() -> Router {
    let address = RwSignal::new(current());
    let route = Memo::new(move |_| address.with(|address| Route::of(address)));
    let router = Router { address, route };
    provide_context(router);
    let moved = window_event_listener(ev::popstate, move |_| address.set(current()));
    let clicked = window_event_listener(ev::click, move |event| {
        router.follow(&event);
    });
    on_cleanup(move || {
        moved.remove();
        clicked.remove();
    });
    router
}

/// The router.
pub fn use_router() -> Router {
    expect_context()
}

impl Router {
    /// The current route, tracked.
    pub fn route(self) -> Route {
        self.route.get()
    }

    /// The path with the query, not tracked.
    pub fn address(self) -> String {
        self.address.get_untracked()
    }

    /// The path with the query, tracked.
    pub fn address_now(self) -> String {
        self.address.get()
    }

    /// Whether the page belongs to one of the tabs, [`GALLERY`] or [`ALBUMS`], tracked: an album to the albums.
    pub fn is_at(self, tab: &str) -> bool {
        let in_album = || self.address.with(|address| album_of(address)).is_some();
        match self.route.get() {
            Route::Albums => tab == ALBUMS,
            Route::Gallery => (tab == ALBUMS) == in_album(),
            _ => false,
        }
    }

    /// A field of the query, tracked.
    pub fn param(self, name: &str) -> Option<String> {
        let address = self.address.get();
        let (_, query) = address.split_once('?')?;
        UrlSearchParams::new_with_str(query).ok()?.get(name)
    }

    /// Goes to a page of the app, with a new history entry, which keeps where it came from.
    pub fn go(self, to: &str) {
        if let Ok(history) = window().history() {
            let from = JsValue::from_str(&self.address());
            // What lies under a picture is still there after it, and scrolls to the last one that was looked at.
            let restoration = match Route::of(to) {
                Route::Image(_) => ScrollRestoration::Manual,
                _ => ScrollRestoration::Auto,
            };
            history.set_scroll_restoration(restoration).ok();
            history.push_state_with_url(&from, "", Some(to)).ok();
        }
        self.address.set(to.into());
    }

    /// Goes to a page of the app, replacing the current history entry. Where that came from stays.
    pub fn replace(self, to: &str) {
        if let Ok(history) = window().history() {
            let from = history.state().unwrap_or(JsValue::NULL);
            history.replace_state_with_url(&from, "", Some(to)).ok();
        }
        self.address.set(to.into());
    }

    /// Leaves what lies over the gallery: the way back for whoever came from there, else to the gallery in its place.
    pub fn close(self) {
        let history = window().history().ok();
        let from = history
            .as_ref()
            .and_then(|history| history.state().ok()?.as_string());
        match history {
            Some(history) if from.is_some_and(|from| Route::of(&from) == Route::Gallery) => {
                history.back().ok();
            }
            _ => self.replace("/"),
        }
    }

    /// Handles a plain click on a link within the app. `data-replace` on a link stands for [`Router::replace`], `data-close` for
    /// [`Router::close`].
    fn follow(self, event: &MouseEvent) -> Option<()> {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return None;
        }
        let link = event
            .target()?
            .dyn_into::<Element>()
            .ok()?
            .closest("a[href^='/']")
            .ok()??;
        if ["target", "download"]
            .iter()
            .any(|name| link.has_attribute(name))
        {
            return None;
        }
        let to = link
            .get_attribute("href")
            .filter(|href| !href.starts_with("//"))?;
        event.prevent_default();
        if link.has_attribute("data-close") {
            self.close();
        } else if to == self.address() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        } else if link.has_attribute("data-replace") {
            self.replace(&to);
        } else {
            self.go(&to);
        }
        Some(())
    }
}

fn current() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{Route, album_address, album_of, image_address};

    #[wasm_bindgen_test]
    fn every_address_leads_to_its_page_and_others_nowhere() {
        let id = Uuid::from_u128(7);
        assert_eq!(Route::parse("/"), Route::Gallery);
        assert_eq!(Route::parse("/settings"), Route::Settings);
        assert_eq!(Route::parse("/trash"), Route::Trash);
        assert_eq!(Route::of("/?q=lake"), Route::Gallery);
        assert_eq!(Route::parse("/albums"), Route::Albums);
        assert_eq!(Route::parse(&album_address(id)), Route::Gallery);
        assert_eq!(album_of(&album_address(id)), Some(id));
        assert_eq!(album_of(&image_address(id)), None);
        assert_eq!(Route::parse("/login/"), Route::LogIn);
        assert_eq!(Route::parse("/register"), Route::Register);
        assert_eq!(Route::parse(&image_address(id)), Route::Image(id));
        for nowhere in [
            "/images",
            "/images/x",
            "/images/../login",
            "/albums/x",
            "/Login",
            "/x",
        ] {
            assert_eq!(Route::parse(nowhere), Route::NotFound, "{nowhere}");
        }
    }
}
