// What a crash leaves behind: a file in tmpDirectory for every attached disk,
// which Cleanup of a later process finds; and the list of events for the lab.
#pragma once

#include <cstdint>
#include <string>

#include "lab_settings.h"

namespace coldframe::lab {

struct Attachment {
  std::string moref;
  std::string path;
};

void appendEvent(const Settings& settings, const char* event, const Attachment& subject);

/// Notes the attachment; returns the note's path, empty without a tmpDirectory.
std::string noteAttachment(const Settings& settings, const Attachment& attachment);
void forgetAttachment(const Settings& settings, const std::string& note, const Attachment& attachment);

struct CleanupCounts {
  uint32_t cleaned = 0;
  uint32_t remaining = 0;
};

/// Undoes the attachments of processes that are gone; those that live remain.
CleanupCounts cleanUp(const Settings& settings);

}  // namespace coldframe::lab
