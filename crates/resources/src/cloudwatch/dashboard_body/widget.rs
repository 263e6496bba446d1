//! The widgets of a dashboard.

use std::collections::BTreeMap;

use ferrocrete_core::value::Expr;
use ferrocrete_core::{Input, Value};

/// Any widget, with its size.
#[derive(Clone, Debug)]
pub struct Widget {
    kind: String,
    pub(super) width: u32,
    pub(super) height: u32,
    properties: BTreeMap<String, Expr>,
}

impl Widget {
    /// A widget that has no type of its own here, such as `log`: AWS's type, and its properties
    /// by AWS's names.
    pub fn new<K: Into<String>, V: Into<Input<serde_json::Value>>>(
        kind: impl Into<String>,
        properties: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let one = |(key, value): (K, V)| (key.into(), value.into().into_expr());
        let properties = properties.into_iter().map(one).collect();
        Self { kind: kind.into(), width: 6, height: 6, properties }
    }

    fn of(kind: &str, width: u32, height: u32) -> Self {
        Self { kind: kind.to_owned(), width, height, properties: BTreeMap::new() }
    }

    /// Width in columns, of which there are 24, and height in rows.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width.clamp(1, super::COLUMNS), height.max(1));
        self
    }

    fn set(mut self, name: &str, value: Expr) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// Adds to a list among the properties.
    fn push(mut self, name: &str, value: Expr) -> Self {
        match self.properties.entry(name.to_owned()).or_insert_with(|| Expr::List(Vec::new())) {
            Expr::List(items) => items.push(value),
            other => *other = Expr::List(vec![value]),
        }
        self
    }

    pub(super) fn into_expr(self, (x, y): (u32, u32)) -> Expr {
        let number = |n: u32| Expr::Literal(Value::Int(n.into()));
        Expr::Map(BTreeMap::from([
            ("type".to_owned(), text(&self.kind)),
            ("x".to_owned(), number(x)),
            ("y".to_owned(), number(y)),
            ("width".to_owned(), number(self.width)),
            ("height".to_owned(), number(self.height)),
            ("properties".to_owned(), Expr::Map(self.properties)),
        ]))
    }
}

fn text(text: &str) -> Expr {
    Expr::Literal(Value::from(text))
}

fn expr<T>(value: impl Into<Input<T>>) -> Expr {
    value.into().into_expr()
}

/// What all kinds of widgets have.
macro_rules! widget {
    ($name:ident) => {
        impl $name {
            /// Width in columns, of which there are 24, and height in rows.
            #[must_use]
            pub fn size(self, width: u32, height: u32) -> Self {
                Self(self.0.size(width, height))
            }
        }

        impl From<$name> for Widget {
            fn from(widget: $name) -> Self {
                widget.0
            }
        }
    };
}

widget!(TextWidget);
widget!(AlarmWidget);
widget!(MetricWidget);

/// Markdown. 24 columns wide and 2 rows high unless said otherwise.
#[derive(Clone, Debug)]
pub struct TextWidget(Widget);

impl TextWidget {
    /// This Markdown.
    pub fn new(markdown: impl Into<Input<String>>) -> Self {
        Self(Widget::of("text", 24, 2).set("markdown", expr(markdown)))
    }
}

/// How alarms are. 24 columns wide and 3 rows high unless said otherwise.
#[derive(Clone, Debug)]
pub struct AlarmWidget(Widget);

impl AlarmWidget {
    /// Under this title.
    pub fn new(title: impl Into<Input<String>>) -> Self {
        Self(Widget::of("alarm", 24, 3).set("title", expr(title)))
    }

    /// Adds an alarm by its ARN.
    #[must_use]
    pub fn alarm(self, arn: impl Into<Input<String>>) -> Self {
        Self(self.0.push("alarms", expr(arn)))
    }

    /// Adds alarms by their ARNs.
    #[must_use]
    pub fn alarms<X: Into<Input<String>>>(self, arns: impl IntoIterator<Item = X>) -> Self {
        arns.into_iter().fold(self, |widget, arn| widget.alarm(arn))
    }
}

/// Metrics as lines, areas, bars, a pie or numbers. 12 columns wide and 6 rows high unless said
/// otherwise.
#[derive(Clone, Debug)]
pub struct MetricWidget(Widget);

impl MetricWidget {
    /// Under this title.
    pub fn new(title: impl Into<Input<String>>) -> Self {
        Self(Widget::of("metric", 12, 6).set("title", expr(title)))
    }

    /// Adds a metric or an expression.
    #[must_use]
    pub fn metric(self, metric: GraphMetric) -> Self {
        Self(self.0.push("metrics", metric.into_expr()))
    }

    /// Shows the metric and the threshold of an alarm, by its ARN, instead of metrics.
    #[must_use]
    pub fn alarm(self, arn: impl Into<Input<String>>) -> Self {
        let arns = Expr::List(vec![expr(arn)]);
        Self(self.0.set("annotations", Expr::Map([("alarms".to_owned(), arns)].into())))
    }

    /// Region of the metrics, such as `eu-central-1`, which AWS must know: a dashboard has none.
    #[must_use]
    pub fn region(self, region: impl Into<Input<String>>) -> Self {
        Self(self.0.set("region", expr(region)))
    }

    /// `timeSeries`, `singleValue`, `gauge`, `bar`, `pie` or `table`. Default: `timeSeries`.
    #[must_use]
    pub fn view(self, view: impl Into<Input<String>>) -> Self {
        Self(self.0.set("view", expr(view)))
    }

    /// Areas on top of each other instead of lines.
    #[must_use]
    pub fn stacked(self) -> Self {
        Self(self.0.set("stacked", Expr::Literal(Value::Bool(true))))
    }

    /// Statistic of metrics that name none, such as `Sum` or `p99`. Default: `Average`.
    #[must_use]
    pub fn statistic(self, statistic: impl Into<Input<String>>) -> Self {
        Self(self.0.set("stat", expr(statistic)))
    }

    /// Seconds per data point. Default: 300.
    #[must_use]
    pub fn period(self, seconds: impl Into<Input<i32>>) -> Self {
        Self(self.0.set("period", expr(seconds)))
    }

    /// Lowest and highest value of the left axis; `None` lets AWS choose.
    #[must_use]
    pub fn left_axis(self, min: Option<f64>, max: Option<f64>) -> Self {
        let number = |n: f64| Expr::Literal(Value::Float(n));
        let ends = [("min", min), ("max", max)];
        let ends = ends.into_iter().filter_map(|(k, n)| Some((k.to_owned(), number(n?))));
        let left = Expr::Map(ends.collect());
        Self(self.0.set("yAxis", Expr::Map([("left".to_owned(), left)].into())))
    }
}

/// One line of a [`MetricWidget`].
#[derive(Clone, Debug)]
pub struct GraphMetric {
    path: Vec<Expr>,
    options: BTreeMap<String, Expr>,
}

impl GraphMetric {
    /// A metric, such as `CPUUtilization` of `AWS/ECS`.
    pub fn new(namespace: impl Into<Input<String>>, metric_name: impl Into<Input<String>>) -> Self {
        Self { path: vec![expr(namespace), expr(metric_name)], options: BTreeMap::new() }
    }

    /// Metric math over the ids of others, such as `100 * errors / requests`.
    pub fn expression(expression: impl Into<Input<String>>) -> Self {
        Self { path: Vec::new(), options: BTreeMap::new() }.set("expression", expr(expression))
    }

    /// Which metric of that name, such as `ClusterName` = `shop`.
    #[must_use]
    pub fn dimension(
        mut self,
        name: impl Into<Input<String>>,
        value: impl Into<Input<String>>,
    ) -> Self {
        self.path.extend([expr(name), expr(value)]);
        self
    }

    /// What expressions call it.
    #[must_use]
    pub fn id(self, id: impl Into<Input<String>>) -> Self {
        self.set("id", expr(id))
    }

    /// What people see.
    #[must_use]
    pub fn label(self, label: impl Into<Input<String>>) -> Self {
        self.set("label", expr(label))
    }

    /// Statistic, such as `Sum` or `p99`. Default: the widget's.
    #[must_use]
    pub fn statistic(self, statistic: impl Into<Input<String>>) -> Self {
        self.set("stat", expr(statistic))
    }

    /// Seconds per data point. Default: the widget's.
    #[must_use]
    pub fn period(self, seconds: impl Into<Input<i32>>) -> Self {
        self.set("period", expr(seconds))
    }

    /// Color, such as `#d62728`.
    #[must_use]
    pub fn color(self, color: impl Into<Input<String>>) -> Self {
        self.set("color", expr(color))
    }

    /// Measured on the right axis.
    #[must_use]
    pub fn right_axis(self) -> Self {
        self.set("yAxis", text("right"))
    }

    /// Not drawn, for expressions only.
    #[must_use]
    pub fn hidden(self) -> Self {
        self.set("visible", Expr::Literal(Value::Bool(false)))
    }

    fn set(mut self, name: &str, value: Expr) -> Self {
        self.options.insert(name.to_owned(), value);
        self
    }

    fn into_expr(self) -> Expr {
        let Self { mut path, options } = self;
        if !options.is_empty() {
            path.push(Expr::Map(options));
        }
        Expr::List(path)
    }
}
