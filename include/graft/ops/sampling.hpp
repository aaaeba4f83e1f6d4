#pragma once

namespace graft::ops {

/// How a value between pixels is made.
enum class Sampling { bilinear, nearest };

}  // namespace graft::ops
