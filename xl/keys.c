// SPDX-License-Identifier: GPL-2.0-only
/* The table of configuration keys. Order matters: handlers run from top to bottom. */
#include <limits.h>

#include "config.h"

#define FIELD(name) offsetof(libxl_domain_config, name)
#define B(name)	    FIELD(b_info.name)
#define C(name)	    FIELD(c_info.name)
#define HVM(name)   FIELD(b_info.u.hvm.name)
#define PVH(name)   FIELD(b_info.u.pvh.name)

#define STRING(key, guests, field)	      { key, KEY_STRING, guests, set_string, field, 0, 0, NULL }
#define BOOL(key, guests, field)	      { key, KEY_BOOL, guests, set_defbool, field, 0, 0, NULL }
#define INT(key, guests, field, min, max)     { key, KEY_NUMBER, guests, set_int, field, min, max, NULL }
#define U32(key, guests, field, min, max)     { key, KEY_NUMBER, guests, set_u32, field, min, max, NULL }
#define MIB(key, guests, field)		      { key, KEY_NUMBER, guests, set_mib, field, 0, LONG_MAX / 1024, NULL }
#define WORD(key, guests, field, enumeration)   \
	{ key, KEY_STRING, guests, set_word, field, 0, 0, libxl_##enumeration##_string_table }
#define LIST(key, guests, field)	      { key, KEY_LIST, guests, set_string_list, field, 0, 0, NULL }
#define SPECIAL(key, type, guests, set)	      { key, type, guests, set, 0, 0, 0, NULL }
#define ACTION(key, field)		      { key, KEY_STRING, GUEST_ANY, set_action, field, 0, 0, NULL }
#define NUMBER(key, guests, set, min, max)    { key, KEY_NUMBER, guests, set, 0, min, max, NULL }
#define IGNORED(key)			      { key, KEY_IGNORED, GUEST_ANY, NULL, 0, 0, 0, NULL }

const struct config_key config_keys[] = {
	/* read before all others, by the driver */
	SPECIAL("type", KEY_STRING, GUEST_ANY, check_type),
	SPECIAL("builder", KEY_STRING, GUEST_ANY, check_type),

	STRING("name", GUEST_ANY, C(name)),
	SPECIAL("uuid", KEY_STRING, GUEST_ANY, set_uuid),
	STRING("pool", GUEST_ANY, C(pool_name)),
	STRING("init_seclabel", GUEST_ANY, C(ssid_label)),
	SPECIAL("seclabel", KEY_STRING, GUEST_ANY, set_seclabel),
	BOOL("hap", GUEST_ANY, C(hap)),
	BOOL("oos", GUEST_ANY, C(oos)),
	BOOL("driver_domain", GUEST_ANY, C(driver_domain)),
	BOOL("xend_suspend_evtchn_compat", GUEST_ANY, C(xend_suspend_evtchn_compat)),
	WORD("passthrough", GUEST_ANY, C(passthrough), passthrough),

	/* CPUs: the number first, affinity needs it */
	INT("maxvcpus", GUEST_ANY, B(max_vcpus), 1, 32767),
	NUMBER("vcpus", GUEST_ANY, set_vcpus, 1, 32767),
	SPECIAL("cpus", KEY_STRING_LIST, GUEST_ANY, set_cpus),
	SPECIAL("cpus_soft", KEY_STRING_LIST, GUEST_ANY, set_cpus_soft),
	INT("cpu_weight", GUEST_ANY, B(sched_params.weight), 0, 65535),
	INT("cap", GUEST_ANY, B(sched_params.cap), 0, INT_MAX),
	INT("period", GUEST_ANY, B(sched_params.period), 0, INT_MAX),
	INT("slice", GUEST_ANY, B(sched_params.slice), 0, INT_MAX),
	INT("latency", GUEST_ANY, B(sched_params.latency), 0, INT_MAX),
	INT("extratime", GUEST_ANY, B(sched_params.extratime), 0, 1),
	SPECIAL("cpuid", KEY_STRING_LIST, GUEST_ANY, set_cpuid),
	SPECIAL("tsc_mode", KEY_STRING, GUEST_ANY, set_tsc_mode),

	/* memory */
	NUMBER("memory", GUEST_ANY, set_memory, 0, LONG_MAX / 1024),
	NUMBER("maxmem", GUEST_ANY, set_maxmem, 0, LONG_MAX / 1024),
	SPECIAL("vnuma", KEY_LIST, GUEST_ANY, set_vnuma), /* its nodes are the memory */
	MIB("shadow_memory", GUEST_ANY, B(shadow_memkb)),
	MIB("videoram", GUEST_ANY, B(video_memkb)),
	U32("max_event_channels", GUEST_ANY, B(event_channels), 0, UINT32_MAX),
	U32("max_grant_frames", GUEST_ANY, B(max_grant_frames), 0, INT_MAX),
	U32("max_maptrack_frames", GUEST_ANY, B(max_maptrack_frames), 0, INT_MAX),
	INT("max_grant_version", GUEST_ANY, B(max_grant_version), 0, INT_MAX),
	INT("vmtrace_buf_kb", GUEST_ANY, B(vmtrace_buf_kb), 0, INT_MAX),

	/* what happens when it stops */
	ACTION("on_poweroff", FIELD(on_poweroff)),
	ACTION("on_reboot", FIELD(on_reboot)),
	ACTION("on_watchdog", FIELD(on_watchdog)),
	ACTION("on_crash", FIELD(on_crash)),
	ACTION("on_soft_reset", FIELD(on_soft_reset)),

	/* what it boots */
	SPECIAL("kernel", KEY_STRING, GUEST_ANY, set_kernel),
	STRING("ramdisk", GUEST_ANY, B(ramdisk)),
	SPECIAL("cmdline", KEY_STRING, GUEST_ANY, set_cmdline),
	SPECIAL("root", KEY_STRING, GUEST_ANY, set_root),
	SPECIAL("extra", KEY_STRING, GUEST_ANY, set_extra),
	STRING("bootloader", GUEST_ANY, B(bootloader)),
	SPECIAL("bootloader_args", KEY_STRING_LIST, GUEST_ANY, set_bootloader_args),
	STRING("device_tree", GUEST_ANY, B(device_tree)),

	/* the platform */
	BOOL("localtime", GUEST_ANY, B(localtime)),
	U32("rtc_timeoffset", GUEST_ANY, B(rtc_timeoffset), -86400L * 366 * 100, UINT32_MAX),
	BOOL("nomigrate", GUEST_ANY, B(disable_migrate)),
	BOOL("e820_host", GUEST_PV, B(u.pv.e820_host)),
	BOOL("msr_relaxed", GUEST_ANY, B(arch_x86.msr_relaxed)),
	BOOL("vpmu", GUEST_ANY, B(vpmu)),
	BOOL("acpi", GUEST_ANY, B(acpi)),
	BOOL("nestedhvm", GUEST_ANY, B(nested_hvm)),
	WORD("altp2m", GUEST_ANY, B(altp2m), altp2m_mode),
	SPECIAL("irqs", KEY_LIST, GUEST_ANY, set_irqs),
	SPECIAL("ioports", KEY_LIST, GUEST_ANY, set_ioports),
	SPECIAL("iomem", KEY_LIST, GUEST_ANY, set_iomem),

	/* devices */
	SPECIAL("rdm", KEY_STRING, GUEST_HVM, set_rdm), /* before pci, which takes its policy */
	SPECIAL("disk", KEY_LIST, GUEST_ANY, set_disks),
	SPECIAL("vif", KEY_LIST, GUEST_ANY, set_vifs),
	SPECIAL("vfb", KEY_LIST, GUEST_ANY, set_vfbs),
	SPECIAL("pci_permissive", KEY_BOOL, GUEST_ANY, set_pci_default),
	SPECIAL("pci_msitranslate", KEY_BOOL, GUEST_ANY, set_pci_default),
	SPECIAL("pci_seize", KEY_BOOL, GUEST_ANY, set_pci_default),
	SPECIAL("pci_power_mgmt", KEY_BOOL, GUEST_ANY, set_pci_default),
	SPECIAL("pci", KEY_LIST, GUEST_ANY, set_pci),
	SPECIAL("dtdev", KEY_LIST, GUEST_ANY, set_dtdevs),
	SPECIAL("channel", KEY_LIST, GUEST_ANY, set_channels),
	SPECIAL("p9", KEY_LIST, GUEST_ANY, set_p9s),
	SPECIAL("pvcalls", KEY_LIST, GUEST_ANY, set_pvcalls),
	SPECIAL("vtpm", KEY_LIST, GUEST_ANY, set_vtpms),
	SPECIAL("usbctrl", KEY_LIST, GUEST_ANY, set_usbctrls),
	SPECIAL("usbdev", KEY_LIST, GUEST_ANY, set_usbdevs),
	SPECIAL("vkb", KEY_LIST, GUEST_ANY, set_vkbs),
	SPECIAL("vdispl", KEY_LIST, GUEST_ANY, set_vdispls),
	SPECIAL("vsnd", KEY_LIST, GUEST_ANY, set_vsnds),

	/* the device model */
	SPECIAL("device_model_version", KEY_STRING, GUEST_ANY, set_device_model_version),
	STRING("device_model_override", GUEST_ANY, B(device_model)),
	STRING("device_model_user", GUEST_ANY, B(device_model_user)),
	BOOL("device_model_stubdomain_override", GUEST_ANY, B(device_model_stubdomain)),
	STRING("device_model_stubdomain_seclabel", GUEST_ANY, B(device_model_ssid_label)),
	LIST("device_model_args", GUEST_ANY, B(extra)),
	LIST("device_model_args_pv", GUEST_ANY, B(extra_pv)),
	LIST("device_model_args_hvm", GUEST_ANY, B(extra_hvm)),
	BOOL("dm_restrict", GUEST_ANY, B(dm_restrict)),
	STRING("stubdomain_kernel", GUEST_ANY, B(stubdomain_kernel)),
	STRING("stubdomain_cmdline", GUEST_ANY, B(stubdomain_cmdline)),
	STRING("stubdomain_ramdisk", GUEST_ANY, B(stubdomain_ramdisk)),
	MIB("stubdomain_memory", GUEST_ANY, B(stubdomain_memkb)),

	/* PVH and HVM */
	BOOL("pvshim", GUEST_PVH, PVH(pvshim)),
	STRING("pvshim_path", GUEST_PVH, PVH(pvshim_path)),
	STRING("pvshim_cmdline", GUEST_PVH, PVH(pvshim_cmdline)),
	STRING("pvshim_extra", GUEST_PVH, PVH(pvshim_extra)),
	BOOL("apic", GUEST_HVM, B(apic)),
	SPECIAL("timer_mode", KEY_STRING, GUEST_PVH | GUEST_HVM, set_timer_mode),
	WORD("bios", GUEST_HVM, HVM(bios), bios_type),
	STRING("bios_path_override", GUEST_HVM, HVM(system_firmware)),
	STRING("acpi_firmware", GUEST_HVM, HVM(acpi_firmware)),
	STRING("smbios_firmware", GUEST_HVM, HVM(smbios_firmware)),
	BOOL("pae", GUEST_HVM, HVM(pae)),
	BOOL("acpi_s3", GUEST_HVM, HVM(acpi_s3)),
	BOOL("acpi_s4", GUEST_HVM, HVM(acpi_s4)),
	BOOL("acpi_laptop_slate", GUEST_HVM, HVM(acpi_laptop_slate)),
	BOOL("nx", GUEST_HVM, HVM(nx)),
	BOOL("hpet", GUEST_HVM, HVM(hpet)),
	BOOL("vpt_align", GUEST_HVM, HVM(vpt_align)),
	BOOL("altp2mhvm", GUEST_HVM, HVM(altp2m)),
	MIB("mmio_hole", GUEST_HVM, HVM(mmio_hole_memkb)),
	MIB("rdm_mem_boundary", GUEST_HVM, HVM(rdm_mem_boundary_memkb)),
	STRING("boot", GUEST_HVM, HVM(boot)),
	SPECIAL("serial", KEY_STRING_LIST, GUEST_HVM, set_serial),
	BOOL("usb", GUEST_HVM, HVM(usb)),
	INT("usbversion", GUEST_HVM, HVM(usbversion), 1, 3),
	STRING("soundhw", GUEST_HVM, HVM(soundhw)),
	BOOL("vkb_device", GUEST_HVM, HVM(vkb_device)),
	BOOL("xen_platform_pci", GUEST_HVM, HVM(xen_platform_pci)),
	BOOL("nographic", GUEST_HVM, HVM(nographic)),
	{ "firmware", KEY_STRING, GUEST_HVM, set_firmware, HVM(firmware), 0, 0, NULL },
	STRING("firmware_override", GUEST_HVM, HVM(firmware)),
	WORD("hdtype", GUEST_HVM, HVM(hdtype), hdtype),
	SPECIAL("stdvga", KEY_BOOL, GUEST_HVM, set_stdvga),
	SPECIAL("vga", KEY_STRING, GUEST_HVM, set_vga),
	SPECIAL("gfx_passthru", KEY_STRING, GUEST_HVM, set_gfx_passthru),
	SPECIAL("usbdevice", KEY_STRING_LIST, GUEST_HVM, set_usbdevice),
	SPECIAL("viridian", KEY_STRING_LIST, GUEST_HVM, set_viridian),
	SPECIAL("ms_vm_genid", KEY_STRING, GUEST_HVM, set_ms_vm_genid),
	SPECIAL("mca_caps", KEY_LIST, GUEST_HVM, set_mca_caps),
	WORD("vendor_device", GUEST_HVM, HVM(vendor_device), vendor_device),
	BOOL("spice", GUEST_HVM, HVM(spice.enable)),
	INT("spiceport", GUEST_HVM, HVM(spice.port), 0, 65535),
	INT("spicetls_port", GUEST_HVM, HVM(spice.tls_port), 0, 65535),
	STRING("spicehost", GUEST_HVM, HVM(spice.host)),
	STRING("spicepasswd", GUEST_HVM, HVM(spice.passwd)),
	BOOL("spicedisable_ticketing", GUEST_HVM, HVM(spice.disable_ticketing)),
	BOOL("spiceagent_mouse", GUEST_HVM, HVM(spice.agent_mouse)),
	BOOL("spicevdagent", GUEST_HVM, HVM(spice.vdagent)),
	BOOL("spice_clipboard_sharing", GUEST_HVM, HVM(spice.clipboard_sharing)),
	INT("spiceusbredirection", GUEST_HVM, HVM(spice.usbredirection), 0, INT_MAX),
	STRING("spice_image_compression", GUEST_HVM, HVM(spice.image_compression)),
	STRING("spice_streaming_video", GUEST_HVM, HVM(spice.streaming_video)),

	/* other machines: read and kept, without effect on this one */
	WORD("gic_version", GUEST_ANY, B(arch_arm.gic_version), gic_version),
	WORD("vuart", GUEST_ANY, B(arch_arm.vuart), vuart_type),
	WORD("tee", GUEST_ANY, B(tee), tee_type),

	/* a PV guest with one of these gets a framebuffer; an HVM guest's are stored as they are */
	SPECIAL("vnc", KEY_BOOL, GUEST_ANY, check_pv_vnc),
	STRING("vnclisten", GUEST_HVM, HVM(vnc.listen)),
	STRING("vncpasswd", GUEST_HVM, HVM(vnc.passwd)),
	INT("vncdisplay", GUEST_HVM, HVM(vnc.display), 0, 65535),
	BOOL("vncunused", GUEST_HVM, HVM(vnc.findunused)),
	STRING("keymap", GUEST_HVM, HVM(keymap)),
	BOOL("sdl", GUEST_HVM, HVM(sdl.enable)),
	BOOL("opengl", GUEST_HVM, HVM(sdl.opengl)),
	STRING("display", GUEST_HVM, HVM(sdl.display)),
	STRING("xauthority", GUEST_HVM, HVM(sdl.xauthority)),

	/* of older toolstacks */
	IGNORED("autostart"), IGNORED("bootargs"), IGNORED("bootentry"), IGNORED("cpu"),
	IGNORED("dhcp"), IGNORED("features"), IGNORED("gateway"), IGNORED("hostname"), IGNORED("ip"),
	IGNORED("netmask"), IGNORED("nfs_root"), IGNORED("nfs_server"), IGNORED("nodes"),
	IGNORED("on_xend_start"), IGNORED("on_xend_stop"), IGNORED("superpages"), IGNORED("suppress_spurious_page_faults"),
	IGNORED("vncconsole"), IGNORED("vncviewer"), IGNORED("xen_extended_power_mgmt"),
};

const size_t config_key_count = ARRAY_SIZE(config_keys);
