# The eBPF objects of the sensors: built from C, and committed, so that installing whence takes no
# compiler. `make bpf` builds them; `make bpf-check` fails when one does not match its source.
#   apt-get install clang llvm libbpf-dev
# An object depends neither on the running kernel nor on its architecture's registers: CO-RE
# relocations are applied when it is loaded, and what needs none reads only what linux/bpf.h
# promises. Byte order is that of the build: little endian.

BPF_DIR := src/whence/sensors
BPF_NAMES := connections packets outputs
BPF_HEADERS_connections := $(addprefix $(BPF_DIR)/,kernel_types.h counters.h) $(wildcard $(BPF_DIR)/connections/*.h)
BPF_HEADERS_outputs := $(BPF_DIR)/counters.h
BPF_HEADERS_packets := $(BPF_DIR)/counters.h
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
LLVM_OBJDUMP ?= llvm-objdump
BPF_FLAGS := -O2 -g -target bpfel -mcpu=v3 -fdebug-compilation-dir=. \
  -I/usr/include/$(shell uname -m)-linux-gnu -Wall -Wextra -Wno-unused-parameter -Werror

# $(1): which one, $(2): the object to write. Without DWARF, with BTF.
define bpf_build
$(CLANG) $(BPF_FLAGS) -c $(BPF_DIR)/$(1).bpf.c -o $(2) && $(LLVM_STRIP) -g $(2)
endef

# What the record of one says: the compiler, and the digests of sources and object.
define bpf_record
{ $(CLANG) --version | head -n 1; \
  sha256sum $(BPF_DIR)/$(1).bpf.c $(BPF_HEADERS_$(1)) $(BPF_DIR)/$(1).bpf.o; }
endef

.PHONY: bpf bpf-check $(BPF_NAMES:%=bpf-%) $(BPF_NAMES:%=bpf-check-%)

bpf: $(BPF_NAMES:%=bpf-%)

bpf-check: $(BPF_NAMES:%=bpf-check-%)

$(BPF_NAMES:%=bpf-%): bpf-%:
	$(call bpf_build,$*,$(BPF_DIR)/$*.bpf.o)
	$(call bpf_record,$*) > $(BPF_DIR)/$*.bpf.sum

# The digests always have to match. The same compiler must also give the same instructions.
$(BPF_NAMES:%=bpf-check-%): bpf-check-%:
	@tail -n +2 $(BPF_DIR)/$*.bpf.sum | sha256sum --check --quiet || \
	  { echo "the eBPF object $* does not match its source; try: make bpf" >&2; exit 1; }
	@command -v $(CLANG) > /dev/null || { echo "no $(CLANG): only digests compared"; exit 0; }; \
	if [ "$$($(CLANG) --version | head -n 1)" != "$$(head -n 1 $(BPF_DIR)/$*.bpf.sum)" ]; then \
	  echo "another compiler than that of the object: only digests compared"; exit 0; fi; \
	built=$$(mktemp --suffix=.o) && trap 'rm -f $$built' EXIT; \
	$(call bpf_build,$*,$$built) || exit 1; \
	diff <($(LLVM_OBJDUMP) -d -r $(BPF_DIR)/$*.bpf.o | tail -n +3) \
	     <($(LLVM_OBJDUMP) -d -r $$built | tail -n +3) > /dev/null || \
	  { echo "the eBPF object $* was not built from this source; try: make bpf" >&2; exit 1; }
