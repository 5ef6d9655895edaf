// SPDX-License-Identifier: Apache-2.0
// Driving a PCI function from user space, without a driver. The folder in sysfs is the current one.
#pragma once

#include <stdint.h>

enum { kCommandRegister = 4, kMemoryOn = 2, kMasterOn = 4, kInterruptsOff = 0x400 };
enum { kCapabilityPower = 0x01, kCapabilityMsi = 0x05, kCapabilityMsix = 0x11 };

// A message to the first processor with the vector by which Linux asks another one to reschedule
// (arch/x86/include/asm/irq_vectors.h): no driver is needed, and with one processor nobody else
// sends it. /proc/interrupts counts it. x86 only.
enum { kMessageAddress = 0xfee00000, kRescheduleVector = 0xfd };

// How many came by the line of /proc/interrupts with this name, to the first processor; -1 if there
// is no such line.
long interrupts(const char* name);

// Until there was one more than `before`; 0 if there was exactly one.
int wait_interrupt(const char* name, long before);

// The same for those messages.
long messages(void);
int wait_message(long before);

// A page of zeros that stays where it is, for the device, and its address in the guest's memory;
// null with a line on standard output if it is not to be had.
enum { kPage = 4096 };
void* dma_page(uint64_t* address);

// The whole BAR, from the file "resourceN"; MAP_FAILED if that cannot be. `size` may be null.
volatile char* map_bar(unsigned index, uint64_t* size);

// The file "config".
int open_config(void);
uint32_t config_get(int config, unsigned offset, unsigned size);
// 0, or 1 with a line on standard output.
int config_put(int config, unsigned offset, unsigned size, uint32_t value);

// The offset of the first standard capability with this ID; 0 if there is none.
unsigned find_capability(int config, uint8_t id);
