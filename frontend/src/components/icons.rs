//! The logo and the icons.

use leptos::prelude::*;

/// The mark: an iron plate with clipped corners and a lens in it.
#[component]
pub fn Logo() -> impl IntoView {
    const PLATE_AND_LENS: &str = "M9 2h14l7 7v14l-7 7H9l-7-7V9zM16 7.2a8.8 8.8 0 1 0 0 17.6a8.8 8.8 0 1 0 0-17.6zM16 10.4a5.6 5.6 0 1 1 0 11.2a5.6 5.6 0 1 1 \
         0-11.2zM18.2 12.4a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3z";
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <path fill="currentColor" fill-rule="evenodd" d=PLATE_AND_LENS />
        </svg>
    }
}

/// A decorative line icon: its button needs an accessible name.
#[derive(Clone, Copy)]
pub enum Icon {
    Plus,
    Search,
    Close,
    Left,
    Right,
    Lock,
    Tick,
    Zoom,
}

impl Icon {
    /// The drawing.
    pub fn view(self) -> impl IntoView {
        let strokes = match self {
            Self::Plus => "M12 5v14M5 12h14",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Left => "M15 5l-7 7 7 7",
            Self::Lock => "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
            Self::Zoom => {
                "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20M7.5 10.5h6M10.5 7.5v6"
            }
            Self::Tick => "M6 12.5l4 4 8-9",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20",
            Self::Right => "M9 5l7 7-7 7",
        };
        view! {
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d=strokes />
            </svg>
        }
    }
}
