//===- BenchHtml.cpp - A roofline, and the time of layers -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Williams, Waterman and Patterson 2009, "Roofline: an insightful visual
// performance model for multicore architectures".
#include "compiler/tools/lapidary/Bench.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Html.h"
#include "compiler/tools/lapidary/Output.h"

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace lapidary;
using namespace lapidary::tool;

/// ` name="value"`.
template <typename Value>
static std::string attribute(const char *name, const Value &value) {
  return concat(" ", name, "=\"", value, "\"");
}

static std::string fill(size_t hue) {
  return attribute("fill", concat("hsl(", hue, ",60%,50%)"));
}

/// Hues that differ most between neighbours.
static size_t getHue(size_t index) { return index * 137 % 360; }

//===----------------------------------------------------------------------===//
// Roofline
//===----------------------------------------------------------------------===//

namespace {
/// A chart of operations per byte to the right, operations per second upwards.
class Roofline {
public:
  explicit Roofline(const Document &limits);

  void add(const Document &test, size_t index);
  std::string draw() const { return text + "</svg>\n"; }

private:
  static constexpr double width = 960, height = 440, margin = 60;
  // Powers of ten.
  static constexpr double leftmost = -1, rightmost = 4;

  double getX(double intensity) const {
    double share = (std::log10(intensity) - leftmost) / (rightmost - leftmost);
    return margin + std::clamp(share, 0.0, 1.0) * (width - 2 * margin);
  }
  double getY(double rate) const {
    double share = (std::log10(rate) - lowest) / (highest - lowest);
    return height - margin / 2 -
           std::clamp(share, 0.0, 1.0) * (height - margin);
  }
  void drawLine(double x1, double y1, double x2, double y2, const char *kind) {
    text += concat("<line", attribute("class", kind), attribute("x1", x1),
                   attribute("y1", y1), attribute("x2", x2),
                   attribute("y2", y2), "/>\n");
  }
  void drawText(double x, double y, const char *anchor,
                const std::string &words) {
    text += concat("<text", attribute("font-size", 12),
                   attribute("text-anchor", anchor), attribute("x", x),
                   attribute("y", y), ">", words, "</text>\n");
  }
  void drawGrid();
  void drawRoof(const std::string &arithmetic, double peak);

  double bandwidth;
  double lowest = 0, highest = 0;
  std::string text = "<svg viewBox=\"0 0 960 440\">\n";
};
} // namespace

Roofline::Roofline(const Document &limits)
    : bandwidth(limits["bytes_per_second"]["median"]) {
  double most = 0;
  for (const auto &[arithmetic, rates] : limits["flops_per_second"].items())
    most = std::max(most, rates["median"].get<double>());
  highest = std::ceil(std::log10(most) + 0.2);
  lowest = std::floor(std::log10(bandwidth)) + leftmost;
  drawGrid();
  for (const auto &[arithmetic, rates] : limits["flops_per_second"].items())
    drawRoof(arithmetic, rates["median"]);
}

void Roofline::drawGrid() {
  for (double power = leftmost; power <= rightmost; ++power) {
    double x = getX(std::pow(10, power));
    drawLine(x, margin / 2, x, height - margin / 2, "grid");
    drawText(x, height - 10, "middle",
             formatCount(std::pow(10, power)) + " FLOP/B");
  }
  for (double power = lowest; power <= highest; ++power) {
    double y = getY(std::pow(10, power));
    drawLine(margin, y, width - margin, y, "grid");
    drawText(margin - 6, y + 4, "end", formatCount(std::pow(10, power)));
  }
}

void Roofline::drawRoof(const std::string &arithmetic, double peak) {
  double low = std::pow(10, leftmost), ridge = peak / bandwidth;
  drawLine(getX(low), getY(low * bandwidth), getX(ridge), getY(peak), "roof");
  drawLine(getX(ridge), getY(peak), width - margin, getY(peak), "roof");
  drawText(width - margin, getY(peak) - 5, "end",
           concat(arithmetic, ": ", formatCount(peak), "OP/s"));
}

/// A circle for each command; its area is the time.
void Roofline::add(const Document &test, size_t index) {
  double seconds = 0;
  for (const Document &command : test["commands"])
    seconds += command["seconds"].get<double>();
  for (const Document &command : test["commands"]) {
    double bytes = command["bytes"], flops = command["flops"],
           taken = command["seconds"];
    if (bytes <= 0 || flops <= 0)
      continue;
    text += concat("<circle", attribute("cx", getX(flops / bytes)),
                   attribute("cy", getY(flops / taken)),
                   attribute("r", 2 + 30 * std::sqrt(taken / seconds)),
                   fill(getHue(index)), attribute("fill-opacity", ".35"),
                   "><title>", escape(getTitle(test)), ": ",
                   escape(command["label"].get<std::string>()), ", ",
                   formatFixed(1e6 * taken, 1), " us, ",
                   formatPercent(command["limit_share"]),
                   " of the limit</title></circle>\n");
  }
  drawText(margin + 10, margin / 2 + 16 * double(index + 1), "start",
           concat("<tspan", fill(getHue(index)), ">&#9679;</tspan> ",
                  escape(getTitle(test))));
}

static std::string drawRoofline(const Document &bench, const Document &limits) {
  if (!limits.contains("bytes_per_second"))
    return "";
  Roofline chart(limits);
  size_t index = 0;
  for (const Document &test : bench["cases"])
    if (test["threads"] == limits["threads"])
      chart.add(test, index++);
  return concat(
      "<h2>Roofline, ", countThreads(limits), "</h2>\n",
      "<p>Each circle is a command; the larger, the more time it takes. Lines "
      "are what the machine did at best between the measurements: ",
      formatCount(limits["bytes_per_second"]["median"].get<double>()),
      "B/s read.</p>\n", chart.draw());
}

//===----------------------------------------------------------------------===//
// Time of layers
//===----------------------------------------------------------------------===//

namespace {
/// A bar for each layer, in which kernels follow each other.
class Layers {
public:
  explicit Layers(const Document &test);
  std::string draw() const;

private:
  struct Bar {
    std::string name;
    std::vector<const Document *> commands;
    double seconds = 0;
  };
  size_t findKernel(const std::string &kernel);
  std::string drawCommand(const Document &command, double x, double y,
                          double width) const;

  std::vector<Bar> bars;
  std::vector<std::string> kernels;
  double longest = 0;
};
} // namespace

/// "layers.7" in a label that names such a layer, else nothing.
static std::string findLayer(const std::string &label) {
  static constexpr std::string_view prefix = "layers.";
  size_t begin = label.find(prefix);
  if (begin == std::string::npos)
    return "";
  size_t end = label.find('.', begin + prefix.size());
  return label.substr(begin, end - begin);
}

Layers::Layers(const Document &test) {
  for (const Document &command : test["commands"]) {
    // What names no layer belongs to the one before.
    std::string layer = findLayer(command["label"]);
    bool begins = bars.empty() || (!layer.empty() && layer != bars.back().name);
    if (begins)
      bars.push_back({layer.empty() ? "begin" : layer, {}, 0});
    bars.back().commands.push_back(&command);
    bars.back().seconds += command["seconds"].get<double>();
    if (std::ranges::find(kernels, command["kernel"].get<std::string>()) ==
        kernels.end())
      kernels.push_back(command["kernel"]);
  }
  for (const Bar &bar : bars)
    longest = std::max(longest, bar.seconds);
}

std::string Layers::drawCommand(const Document &command, double x, double y,
                                double width) const {
  size_t kernel =
      std::ranges::find(kernels, command["kernel"].get<std::string>()) -
      kernels.begin();
  return concat(
      "<rect", attribute("x", x), attribute("y", y), attribute("width", width),
      attribute("height", 14), fill(getHue(kernel)), "><title>",
      escape(command["label"].get<std::string>()), ": ",
      escape(kernels[kernel]), ", ",
      formatFixed(1e6 * command["seconds"].get<double>(), 1), " us a token, ",
      formatPercent(command["limit_share"]), " of the limit</title></rect>\n");
}

std::string Layers::draw() const {
  std::string text =
      concat("<svg viewBox=\"0 0 960 ", 16 * bars.size() + 4, "\">\n");
  double y = 2;
  for (const Bar &bar : bars) {
    text += concat("<text", attribute("font-size", 11), attribute("x", 4),
                   attribute("y", y + 11), ">", escape(bar.name), "</text>\n");
    double x = 90;
    for (const Document *command : bar.commands) {
      double width = 860 * (*command)["seconds"].get<double>() / longest;
      text += drawCommand(*command, x, y, width);
      x += width;
    }
    y += 16;
  }
  return text + "</svg>\n";
}

static std::string renderCommands(const Document &test) {
  std::string text =
      "<div class=scroll><table><tr><th>computes<th>kernel<th>us/token"
      "<th>bytes/s<th>FLOP/s<th>of limit</tr>\n";
  for (const Document &command : test["commands"]) {
    double seconds = command["seconds"];
    text += concat(
        "<tr>", cell(escape(command["label"].get<std::string>())),
        cell(escape(command["kernel"].get<std::string>())),
        numberCell(formatFixed(1e6 * seconds, 1)),
        numberCell(formatCount(command["bytes"].get<double>() / seconds)),
        numberCell(formatCount(command["flops"].get<double>() / seconds)),
        numberCell(formatPercent(command["limit_share"])), "</tr>\n");
  }
  return text + "</table></div>\n";
}

static std::string renderCase(const Document &test) {
  return concat("<h2>", escape(getTitle(test)), ": ",
                formatFixed(test["tokens_per_second"]["median"], 1),
                " tokens/s, ", formatPercent(test["limit_share"]["median"]),
                " of the limit</h2>\n<p>A bar is the time of a layer; a colour "
                "is a kernel.</p>\n",
                Layers(test).draw(), renderCommands(test));
}

std::string tool::renderBenchHtml(const Document &bench) {
  std::string body;
  for (const Document &limits : bench["limits"])
    body += drawRoofline(bench, limits);
  for (const Document &test : bench["cases"])
    body += renderCase(test);
  return renderPage(escape(concat(bench["model"].get<std::string>(), ", ",
                                  bench["quantization"].get<std::string>(),
                                  ", ", bench["variant"].get<std::string>())),
                    body);
}
