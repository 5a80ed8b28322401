//! Zooming and panning: pure arithmetic. Lengths are CSS pixels; points are measured from the middle of the frame.

/// A picture at least this many times as high as wide opens as wide as the frame: fitted in, nobody could read it.
pub const TALL: f64 = 2.5;
/// How much further than its own pixels a picture is enlarged.
const BEYOND: f64 = 3.0;

/// A width and a height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// What is seen of a picture: its scale, where 1 is fitted in, and how far its middle is from the frame's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub scale: f64,
    pub x: f64,
    pub y: f64,
}

/// A picture in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lens {
    frame: Size,
    picture: Size,
    /// The picture as it fits in. It is never enlarged for that.
    pub fitted: Size,
}

impl Lens {
    /// A picture of this size in a frame of that one.
    pub fn new(frame: Size, picture: Size) -> Self {
        let factor = (frame.width / picture.width)
            .min(frame.height / picture.height)
            .min(1.0);
        Self {
            frame,
            picture,
            fitted: Size {
                width: picture.width * factor,
                height: picture.height * factor,
            },
        }
    }

    /// The view that a picture opens with: fitted in, or the top of a tall one.
    pub fn opening(&self) -> View {
        let as_wide = self.frame.width.min(self.picture.width) / self.fitted.width;
        let is_tall = self.picture.height > TALL * self.picture.width && as_wide > 1.0;
        let scale = if is_tall { as_wide } else { 1.0 };
        View {
            scale,
            x: 0.0,
            y: (self.fitted.height * scale - self.frame.height).max(0.0) / 2.0,
        }
    }

    /// The scale of the picture's own size; twice the fitted one where that is its own already.
    pub fn full(&self) -> f64 {
        let full = self.picture.width / self.fitted.width;
        if full < 1.1 { 2.0 } else { full }
    }

    /// The view scaled by `factor` around a point, which stays where it is.
    pub fn zoom(&self, view: View, at: (f64, f64), factor: f64) -> View {
        let most = self.full() * BEYOND;
        let scale = (view.scale * factor).max(1.0).min(most);
        let by = scale / view.scale;
        self.limit(View {
            scale,
            x: at.0 - (at.0 - view.x) * by,
            y: at.1 - (at.1 - view.y) * by,
        })
    }

    /// Between the opening view and the picture's own size, around a point.
    pub fn toggle(&self, view: View, at: (f64, f64)) -> View {
        if self.is_zoomed(view) {
            self.opening()
        } else {
            self.zoom(view, at, self.full() / view.scale)
        }
    }

    /// The view moved as far as the picture reaches.
    pub fn pan(&self, view: View, by: (f64, f64)) -> View {
        self.limit(View {
            x: view.x + by.0,
            y: view.y + by.1,
            ..view
        })
    }

    /// Whether it is larger than when it was opened.
    pub fn is_zoomed(&self, view: View) -> bool {
        view.scale > self.opening().scale * 1.01
    }

    /// Whether it is higher than the frame.
    pub fn is_high(&self, view: View) -> bool {
        self.fitted.height * view.scale > self.frame.height + 1.0
    }

    fn limit(&self, view: View) -> View {
        let within = |length: f64, frame: f64, at: f64| {
            let most = (length * view.scale - frame).max(0.0) / 2.0;
            at.max(-most).min(most)
        };
        View {
            x: within(self.fitted.width, self.frame.width, view.x),
            y: within(self.fitted.height, self.frame.height, view.y),
            ..view
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const FRAME: Size = Size {
        width: 800.0,
        height: 600.0,
    };

    fn lens(width: f64, height: f64) -> Lens {
        Lens::new(FRAME, Size { width, height })
    }

    #[wasm_bindgen_test]
    fn a_picture_fits_in_and_a_small_one_is_not_enlarged() {
        let fitted = |width, height| lens(width, height).fitted;
        let size = |width, height| Size { width, height };
        assert_eq!(fitted(4000.0, 2000.0), size(800.0, 400.0));
        assert_eq!(fitted(4000.0, 4000.0), size(600.0, 600.0));
        assert_eq!(fitted(150.0, 140.0), size(150.0, 140.0));
    }

    #[wasm_bindgen_test]
    fn what_is_under_the_pointer_stays_there() {
        let lens = lens(4000.0, 2000.0);
        let (view, at) = (lens.opening(), (200.0, -100.0));
        let zoomed = lens.toggle(view, at);
        assert!((zoomed.scale - 5.0).abs() < 0.001, "{zoomed:?}");
        // The point of the picture, in fitted pixels from its middle.
        let under = |view: View| ((at.0 - view.x) / view.scale, (at.1 - view.y) / view.scale);
        assert!((under(view).0 - under(zoomed).0).abs() < 0.001);
        assert!((under(view).1 - under(zoomed).1).abs() < 0.001);
        assert_eq!(lens.toggle(zoomed, at), view);
    }

    #[wasm_bindgen_test]
    fn it_moves_no_further_than_its_edges() {
        let lens = lens(4000.0, 2000.0);
        let zoomed = lens.zoom(lens.opening(), (0.0, 0.0), 2.0);
        let moved = lens.pan(zoomed, (5000.0, -5000.0));
        assert_eq!((moved.x, moved.y), (400.0, -100.0));
        assert_eq!(lens.pan(lens.opening(), (50.0, 50.0)), lens.opening());
        assert!(lens.zoom(zoomed, (0.0, 0.0), 0.001).scale >= 1.0);
        assert!(lens.zoom(zoomed, (0.0, 0.0), 1000.0).scale <= 15.0);
    }

    #[wasm_bindgen_test]
    fn a_tall_one_opens_at_its_top_and_as_wide_as_the_frame() {
        let lens = lens(1080.0, 12_000.0);
        let view = lens.opening();
        assert!((lens.fitted.width * view.scale - 800.0).abs() < 0.001);
        assert!(lens.is_high(view) && !lens.is_zoomed(view));
        assert_eq!(lens.pan(view, (0.0, 100.0)), view);
        assert!(lens.pan(view, (0.0, -100.0)).y < view.y);
    }
}
