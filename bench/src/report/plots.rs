//! The pictures, as SVG.

use std::path::Path;

use plotters::{
    coord::ranged1d::{IntoSegmentedCoord, SegmentValue},
    prelude::*,
};

use crate::{
    failure::{Failure, Result},
    lab::System,
    results::Results,
    scenarios::{direct, fan_out, history, idle},
};

const SIZE: (u32, u32) = (820, 300);
const FONT: &str = "sans-serif";

/// Of Okabe and Ito, which people tell apart however they see colours.
fn color(system: System) -> RGBColor {
    match system {
        System::Node => RGBColor(230, 159, 0),
        System::NodeCluster => RGBColor(213, 94, 0),
        System::Embedded => RGBColor(0, 114, 178),
        System::Mongodb => RGBColor(0, 158, 115),
        System::Ceiling => RGBColor(120, 120, 120),
    }
}

/// One figure of each server.
struct Bars {
    file: &'static str,
    title: &'static str,
    scenario: &'static str,
    metric: &'static str,
    divisor: f64,
}

/// How a figure grows.
struct Lines {
    file: &'static str,
    title: &'static str,
    scenario: &'static str,
    size: &'static str,
    metric: &'static str,
    divisor: f64,
    unit: &'static str,
}

const BARS: &[Bars] = &[
    Bars {
        file: "fan-out",
        title: "deliveries a second, thousands",
        scenario: fan_out::NAME,
        metric: "saturated.deliveries_per_second",
        divisor: 1e3,
    },
    Bars {
        file: "direct",
        title: "durable direct messages a second",
        scenario: direct::NAME,
        metric: "saturated.sends_per_second",
        divisor: 1.0,
    },
    Bars {
        file: "idle",
        title: "kB of memory for an idle connection",
        scenario: idle::NAME,
        metric: "rss_per_connection",
        divisor: 1e3,
    },
];

const LINES: &[Lines] = &[
    Lines {
        file: "fan-out-scale",
        title: "CPU of a delivery at saturation as rooms grow",
        scenario: fan_out::NAME,
        size: "members",
        metric: "saturated.server_us_per_delivery",
        divisor: 1.0,
        unit: "µs",
    },
    Lines {
        file: "idle-scale",
        title: "memory of an idle connection as they become more",
        scenario: idle::NAME,
        size: "connections",
        metric: "rss_per_connection",
        divisor: 1e3,
        unit: "kB",
    },
    Lines {
        file: "history-scale",
        title: "p99 of a page of history as messages become more",
        scenario: history::NAME,
        size: "messages",
        metric: "page_p99_ms",
        divisor: 1.0,
        unit: "ms",
    },
    Lines {
        file: "search-scale",
        title: "p99 of a search as messages become more",
        scenario: history::NAME,
        size: "messages",
        metric: "search_p99_ms",
        divisor: 1.0,
        unit: "ms",
    },
];

fn failed<E: std::fmt::Display>(error: E) -> Failure {
    Failure::said(format!("a plot: {error}"))
}

/// Draws what there are figures for. Answers each scenario's pictures: the file and what it shows.
pub fn draw(results: &Results, folder: &Path) -> Result<Vec<(&'static str, String, String)>> {
    let mut drawn = Vec::new();
    for bars in BARS {
        let Some(size) = middle(&results.sizes(bars.scenario)) else { continue };
        let values: Vec<(System, f64)> = System::ALL
            .into_iter()
            .filter_map(|system| {
                let value = results.median(bars.scenario, size, system, bars.metric)?;
                Some((system, value / bars.divisor))
            })
            .collect();
        if values.is_empty() {
            continue;
        }
        let title = format!("{} ({size})", bars.title);
        draw_bars(&folder.join(format!("{}.svg", bars.file)), &title, &values)?;
        drawn.push((bars.scenario, format!("{}.svg", bars.file), title));
    }
    for lines in LINES {
        let sizes = results.sizes(lines.scenario);
        let series: Vec<(System, Vec<(f64, f64)>)> = System::ALL
            .into_iter()
            .map(|system| (system, points(results, lines, &sizes, system)))
            .filter(|(_, points)| points.len() > 1)
            .collect();
        if series.is_empty() {
            continue;
        }
        draw_lines(&folder.join(format!("{}.svg", lines.file)), lines, &series)?;
        drawn.push((lines.scenario, format!("{}.svg", lines.file), lines.title.to_owned()));
    }
    Ok(drawn)
}

fn middle(sizes: &[u64]) -> Option<u64> {
    sizes.get(sizes.len() / 2).copied()
}

fn points(results: &Results, lines: &Lines, sizes: &[u64], system: System) -> Vec<(f64, f64)> {
    let point = |&size: &u64| {
        let value = results.median(lines.scenario, size, system, lines.metric)?;
        // A logarithm has no zero.
        (value > 0.0).then_some((size as f64, value / lines.divisor))
    };
    sizes.iter().filter_map(point).collect()
}

fn draw_bars(path: &Path, title: &str, values: &[(System, f64)]) -> Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(failed)?;
    let greatest = values.iter().map(|(_, value)| *value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let count = values.len() as i32;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, (FONT, 16))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(150)
        .build_cartesian_2d(0.0..greatest * 1.15, (0..count - 1).into_segmented())
        .map_err(failed)?;
    let name = |segment: &SegmentValue<i32>| match segment {
        SegmentValue::CenterOf(row) => {
            let place = (count - 1 - row) as usize;
            values.get(place).map_or(String::new(), |(system, _)| system.name().to_owned())
        }
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .y_labels(values.len())
        .y_label_formatter(&name)
        .label_style((FONT, 13))
        .draw()
        .map_err(failed)?;
    for (place, (system, value)) in values.iter().enumerate() {
        let row = count - 1 - place as i32;
        let corners = [(0.0, SegmentValue::Exact(row)), (*value, SegmentValue::Exact(row + 1))];
        let mut bar = Rectangle::new(corners, color(*system).filled());
        bar.set_margin(6, 6, 0, 0);
        chart.draw_series([bar]).map_err(failed)?;
        let label = Text::new(
            format!(" {}", super::format::number(*value)),
            (*value, SegmentValue::CenterOf(row)),
            (FONT, 13),
        );
        chart.draw_series([label]).map_err(failed)?;
    }
    root.present().map_err(failed)
}

fn draw_lines(path: &Path, lines: &Lines, series: &[(System, Vec<(f64, f64)>)]) -> Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(failed)?;
    let all = || series.iter().flat_map(|(_, points)| points.iter().copied());
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)))
    };
    let (left, right) = range(&mut all().map(|(x, _)| x));
    let (bottom, top) = range(&mut all().map(|(_, y)| y));
    let mut chart = ChartBuilder::on(&root)
        .caption(lines.title, (FONT, 16))
        .margin(12)
        .margin_right(40)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d((left..right).log_scale(), (bottom / 2.0..top * 8.0).log_scale())
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_desc(lines.size)
        .y_desc(lines.unit)
        .x_label_formatter(&|x| super::format::number(*x))
        .y_label_formatter(&|y| super::format::number(*y))
        .label_style((FONT, 13))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failed)?;
    for (system, points) in series {
        let color = color(*system);
        chart
            .draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)).point_size(4))
            .map_err(failed)?
            .label(system.name())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(TRANSPARENT)
        .label_font((FONT, 13))
        .draw()
        .map_err(failed)?;
    root.present().map_err(failed)
}
