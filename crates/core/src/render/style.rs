//! [`Style`]: colour or none.

/// A colour or weight that means something in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Created, succeeded.
    Green,
    /// Updated, a warning.
    Yellow,
    /// Deleted, failed.
    Red,
    /// Replaced.
    Magenta,
    /// Read, waiting.
    Cyan,
    /// Stands out.
    Bold,
    /// Stands back.
    Dim,
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Colour::Green => "32",
            Colour::Yellow => "33",
            Colour::Red => "31",
            Colour::Magenta => "35",
            Colour::Cyan => "36",
            Colour::Bold => "1",
            Colour::Dim => "2",
        }
    }
}

/// Whether text carries ANSI colour sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// Text with ANSI sequences.
    Ansi,
}

impl Style {
    /// The text in a colour, or as it is.
    pub fn paint(self, colour: Colour, text: impl AsRef<str>) -> String {
        let text = text.as_ref();
        match self {
            Style::Ansi if !text.is_empty() => format!("\x1b[{}m{text}\x1b[0m", colour.code()),
            _ => text.to_owned(),
        }
    }
}
