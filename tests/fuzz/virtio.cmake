lintel_fuzz_target(virtio_queue_fuzz SOURCES virtio_queue_fuzz.cc LINKS lintel_virtio)
lintel_fuzz_target(virtio_blk_fuzz SOURCES virtio_blk_fuzz.cc ../fakes/driver_queue.cc LINKS lintel_virtio)
