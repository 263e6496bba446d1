//! What a dashboard shows, written in Rust.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrocrete_core::value::Expr;
use ferrocrete_core::{Input, Output, Value};

mod widget;

pub use widget::{AlarmWidget, GraphMetric, MetricWidget, TextWidget, Widget};

/// Columns of a dashboard.
const COLUMNS: u32 = 24;

/// What a [`super::Dashboard`] shows: widgets, side by side while there is room.
///
/// ```
/// use ferrocrete_resources::cloudwatch::{DashboardBody, GraphMetric, MetricWidget, TextWidget};
/// let cpu = GraphMetric::new("AWS/ECS", "CPUUtilization").dimension("ClusterName", "shop");
/// let body = DashboardBody::new()
///     .widget(TextWidget::new("# Shop").size(24, 2))
///     .widget(MetricWidget::new("CPU").metric(cpu).statistic("Average").period(60));
/// ```
#[derive(Clone, Debug, Default)]
pub struct DashboardBody {
    widgets: Vec<Expr>,
    other: BTreeMap<String, Expr>,
    /// Where the next widget goes, and how high this row is.
    x: u32,
    y: u32,
    height: u32,
}

impl DashboardBody {
    /// An empty dashboard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Time that it shows at first, such as `-PT3H` (three hours) or `-P7D`. Default: `-PT3H`.
    #[must_use]
    pub fn start(self, start: impl Into<Input<String>>) -> Self {
        self.set("start", start.into().into_expr())
    }

    /// Whether graphs keep their own periods (`inherit`) or fit the time shown (`auto`).
    /// Default: `auto`.
    #[must_use]
    pub fn period_override(self, how: impl Into<Input<String>>) -> Self {
        self.set("periodOverride", how.into().into_expr())
    }

    /// Adds a widget: to the right of the last one, or in a new row where there is no room.
    #[must_use]
    pub fn widget(mut self, widget: impl Into<Widget>) -> Self {
        let widget: Widget = widget.into();
        if self.x + widget.width > COLUMNS {
            self = self.row();
        }
        let place = (self.x, self.y);
        self.x += widget.width;
        self.height = self.height.max(widget.height);
        self.widgets.push(widget.into_expr(place));
        self
    }

    /// Begins a new row.
    #[must_use]
    pub fn row(mut self) -> Self {
        self.y += self.height;
        (self.x, self.height) = (0, 0);
        self
    }

    fn set(mut self, name: &str, value: Expr) -> Self {
        self.other.insert(name.to_owned(), value);
        self
    }

    /// The body as JSON text.
    pub fn to_json(&self) -> Output<String> {
        let mut map = self.other.clone();
        map.insert("widgets".to_owned(), Expr::List(self.widgets.clone()));
        // Values are revealed here; the engine taints the result when one was secret.
        Output::from_expr(Expr::Apply {
            args: Arc::new([Expr::Map(map)]),
            f: Arc::new(|args| {
                let json = args.first().map(Value::redacted).unwrap_or_default();
                Ok(Value::String(json.to_string()))
            }),
        })
    }
}

impl From<DashboardBody> for Input<String> {
    fn from(body: DashboardBody) -> Self {
        body.to_json().into()
    }
}

impl From<&DashboardBody> for Input<String> {
    fn from(body: &DashboardBody) -> Self {
        body.to_json().into()
    }
}

#[cfg(test)]
mod tests;
