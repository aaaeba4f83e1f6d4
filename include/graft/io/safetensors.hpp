#pragma once
// Both ways; json.hpp behind it costs 2 s to compile, so include it only where files are read or written.
#include <graft/io/safetensors_reader.hpp>
#include <graft/io/safetensors_writer.hpp>
